"""Tables, and COUNT people with a message each: `python -m tests.faults.prepare COUNT` in an installation."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from peerhub.common import mail
from peerhub.common.mail import breaker
from peerhub.common.models import ChannelHealth, Message


def main(count: int) -> None:
    if "common_message" not in connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)
    Message.objects.all().delete()
    ChannelHealth.objects.all().delete()
    breaker.health()
    user_model = get_user_model()
    there = user_model.objects.count()
    user_model.objects.bulk_create(
        user_model(email=f"s{n}@example.edu", given_name=f"S{n}", password="!") for n in range(there, count)
    )
    people = user_model.objects.order_by("pk").values_list("pk", flat=True)[:count]
    entries = [mail.Entry("common.test_message", pk, f"fault:{pk}", channels=("email",)) for pk in people]
    mail.queue_many(entries, now=timezone.now())


if __name__ == "__main__":
    main(int(sys.argv[1]))

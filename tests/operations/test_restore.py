"""The drill of docs/operations.md: back up, restore into an empty database, carry on. On this run's database."""

import contextlib
import json
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests import services
from tests.live import Live, installation

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live")]

QUEUE = """
from django.db import transaction
from django.utils import timezone
from peerhub.common import mail
from programmes.models import Membership
active = Membership.objects.filter(role="participant", status="active", user__email__isnull=False).order_by("pk")
with transaction.atomic():
    for number, membership in enumerate(active[:20]):
        mail.queue("programmes.joined", to=membership.user, key=f"drill:{number}", about={"membership": membership.pk},
                   channels=("email",), now=timezone.now())
"""
COUNTS = """
import json
from django.apps import apps
print(json.dumps({model._meta.label: model.objects.count() for model in apps.get_models()}))
"""
MAILS = """
import json
from peerhub.common.models import Message
mine = Message.objects.filter(dedupe_key__startswith="drill:")
print(json.dumps({field: sorted(mine.values_list(field, flat=True)) for field in ("state", "attempts")}))
"""
OLD = 5  # of the 20, sent before the backup was taken
SEND_SOME = f"""
from django.utils import timezone
from peerhub.common.models import Message
some = list(Message.objects.filter(dedupe_key__startswith="drill:").order_by("dedupe_key")[:{OLD}])
sent = {{"state": "sent", "attempts": 1, "finished_at": timezone.now()}}
Message.objects.filter(pk__in=[message.pk for message in some]).update(**sent)
"""


def back_up(source: Live, place: Path) -> None:
    if "DATABASE_URL" in source.env:
        dump = services.program("pg_dump", services.POSTGRES_PLACES) or pytest.skip("pg_dump is not installed")
        command = [dump, "--format=custom", f"--file={place}", source.env["DATABASE_URL"]]
        subprocess.run(command, check=True, timeout=120)
    else:
        with contextlib.closing(sqlite3.connect(source.folder / "peerhub.sqlite3")) as connection:
            connection.execute("VACUUM INTO ?", (str(place),))


def restore(target: Live, place: Path) -> None:
    if "DATABASE_URL" in target.env:
        load = services.program("pg_restore", services.POSTGRES_PLACES)
        assert load
        command = [load, "--no-owner", "--exit-on-error", "--dbname", target.env["DATABASE_URL"], str(place)]
        subprocess.run(command, check=True, timeout=120)
    else:
        place.rename(target.folder / "peerhub.sqlite3")


def mails(live: Live) -> dict[str, list]:
    return json.loads(live.shell(MAILS))


def test_restored_installation_holds_the_same_and_sends_what_was_waiting(tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    with installation("before") as source:
        source.manage("migrate", "--noinput", "--verbosity", "0")
        source.manage("seed_demo")
        source.shell(QUEUE)
        source.shell(SEND_SOME)
        counts = json.loads(source.shell(COUNTS))
        back_up(source, backup)

    with installation("after", is_new=True) as target:
        restore(target, backup)
        target.manage("migrate", "--noinput", "--verbosity", "0")
        assert json.loads(target.shell(COUNTS)) == counts
        assert mails(target)["state"] == ["queued"] * (20 - OLD) + ["sent"] * OLD

        target.start("worker")
        target.start("beat")
        until = time.monotonic() + 90
        while mails(target)["state"] != ["sent"] * 20 and time.monotonic() < until:
            time.sleep(1)
        assert mails(target) == {"state": ["sent"] * 20, "attempts": [1] * 20}, target.log[-3000:]

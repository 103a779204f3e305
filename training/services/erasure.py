"""Forgetting a person, as far as stage 2 goes."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from peerhub.common.stages import Erasure
from training.models import Application


def forget_applications(*, user: Any, now: datetime) -> list[Erasure]:
    """A step of erasing an account, in its transaction: applications go, with what was written and scored."""
    mine = Application.objects.filter(applicant=user)
    count = mine.count()
    mine.delete()
    return [Erasure(_("Applications to lead"), forgotten=count)]

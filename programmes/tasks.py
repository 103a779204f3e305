"""What workers do for the spine. Every task may run twice, at once, or late: the rows are the truth."""

from celery import shared_task
from django.utils import timezone

from peerhub.common.mail.planner import plan
from programmes.queries.joining_answers import offers_running_out
from programmes.services import check_ins, invitation_batches, invitations, joining, queues, searches, seats, workshops
from programmes.services.rosters.files import forget_left_behind, forget_old_files
from programmes.services.rosters.running import run_due
from programmes.services.series_calendar import settle_marks
from programmes.services.unit_figures import count_units


@shared_task(ignore_result=True, time_limit=900)
def count_unit_figures() -> None:
    """Every ten minutes: the reach of each unit and its latest weeks, each older week once a day; which series fit."""
    now = timezone.now()
    count_units(now=now)
    settle_marks(now=now)


@shared_task(ignore_result=True, time_limit=300)
def forget_check_in_marks() -> None:
    """Every hour: browsers of check-ins that are a month old, what tickets were about, searches, notes on access."""
    now = timezone.now()
    check_ins.forget_marks(now=now)
    queues.forget_wishes(now=now)
    searches.forget_searches(now=now)
    workshops.forget_adjustments(now=now)


@shared_task(ignore_result=True, time_limit=300)
def forget_left_rosters() -> None:
    """Every hour: files of class lists that a process which died left lying."""
    forget_left_behind(now=timezone.now())


@shared_task(ignore_result=True, time_limit=300)
def sweep_places() -> None:
    """Every minute: offers that ran out, places and seats that came free, invitations to remind of or to forget, queues
    that are over.
    """
    now = timezone.now()
    plan(offers_running_out(now), now)  # before they are taken back: a reminder that nobody got is seen to be missing
    joining.expire_offers(now)
    seats.sweep_seats(now)
    queues.settle_queues(now=now)
    invitations.remind_invited(now)
    invitations.forget_old_invitations(now)
    invitation_batches.forget_drafts(now)


@shared_task(ignore_result=True)
def sweep_imports() -> None:
    """When somebody starts an import, and every 30 seconds: do what is due, also what a dead worker left behind."""
    run_due(timezone.now)
    forget_old_files(now=timezone.now())

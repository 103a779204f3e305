"""Several at once at one handbook: on SQLite, where writers wait for one another, and on PostgreSQL, where rows do."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from peerhub.common.errors import DomainError
from peerhub.common.models import AuditEvent
from tests import factories as make
from tests.factories import NOW
from tests.training.handbooks import TODAY, begin, published, read, write
from training.models import HandbookAcknowledgement, HandbookVersion
from training.services import handbooks
from training.services.handbook_reading import nudge
from training.services.handbooks import Publication

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6


def all_at_once(call: Callable[[], Any]) -> list[Any]:
    """Run in threads that start together; what each returned, or its refusal's code."""
    barrier, outcomes = threading.Barrier(MANY), [None] * MANY

    def run(place: int) -> None:
        try:
            barrier.wait()
            outcomes[place] = call()
        except DomainError as refusal:
            outcomes[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.fixture
def amara(vocabulary: None) -> Any:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a database that they can share: a file")
    return make.MembershipFactory(role="leader")


def test_read_six_times_at_once_is_once(amara):
    version = published(amara.cycle)
    assert len({found.pk for found in all_at_once(lambda: read(version, amara.user))}) == 1
    assert HandbookAcknowledgement.objects.count() == 1
    assert AuditEvent.objects.filter(action="training.handbook_acknowledged").count() == 1


def test_published_six_times_at_once_is_one_version(amara):
    made, rhian = begin(amara.cycle), make.UserFactory()
    how = Publication(is_major=True, due_on=TODAY + timedelta(days=7))
    about = {"actor": rhian, "handbook_id": made.pk, "how": how, "now": NOW, "today": TODAY}
    outcomes = all_at_once(lambda: handbooks.publish_version(**about))
    assert sorted(map(str, outcomes)) == ["1.0", *["published"] * (MANY - 1)]
    assert HandbookVersion.objects.count() == 1


def test_a_section_saved_while_the_draft_is_published_is_in_it_or_refused(amara):
    made, rhian = begin(amara.cycle), make.UserFactory()
    turn = iter(range(MANY))

    def step() -> Any:
        if next(turn) == 0:
            how = Publication(is_major=True)
            return handbooks.publish_version(actor=rhian, handbook_id=made.pk, how=how, now=NOW, today=TODAY)
        return write(made, "Late", "Words")

    all_at_once(step)
    version = made.versions.get()
    assert version.digest == handbooks.digest_of(version)


def test_asked_six_times_at_once_is_asked_once(amara):
    version, rhian = published(amara.cycle), make.UserFactory()
    outcomes = all_at_once(lambda: nudge(actor=rhian, handbook_id=version.handbook_id, now=NOW))
    assert sorted(map(str, outcomes)) == ["1", *["too_soon"] * (MANY - 1)]

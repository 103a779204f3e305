"""peerhub.common.statements: SQL written once, filled in for each visit. Rows are what the queryset would give."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Value

from peerhub.common.statements import compiled, first
from programmes.models import Membership, Session, SessionLeader
from tests import factories as make
from tests.factories import NOW, in_hours

pytestmark = pytest.mark.django_db
built: list[str] = []


@compiled
def _led(*, user: Any, after: Any) -> Any:
    built.append("led")
    led = SessionLeader.objects.filter(session=OuterRef("pk"), membership__user=user)
    rows = Session.objects.filter(Exists(led), starts_at__gt=after).select_related("cycle__programme")
    return rows.annotate(came=Count("attendances")).order_by("starts_at", "pk")


@compiled
def _of(*, session_ids: Any) -> Any:
    return SessionLeader.objects.filter(session__in=session_ids).order_by("pk").values_list("session_id", flat=True)


@compiled
def _places(newest_first: bool, *, uuid: Any, user: Any) -> Any:
    places = Membership.objects.filter(uuid=uuid)
    if user.is_authenticated:
        places = places.filter(user=user)
    return places.order_by("-pk" if newest_first else "pk").values("role", "created_at")


@compiled
def _with_many(*, n: Any) -> Any:
    rows = SessionLeader.objects.order_by().values("membership").annotate(n=Count("pk")).filter(n__gte=n)
    return rows.annotate(said=Value(0)).values_list("membership", "said")


def _session(leader: Membership, hours: int) -> Session:
    session = make.SessionFactory(cycle=leader.cycle, group=None, starts_at=in_hours(hours))
    make.SessionLeaderFactory(session=session, membership=leader)
    return session


def test_compiled_rows_are_the_querysets_rows():
    leader = make.MembershipFactory(role="leader")
    one, two = _session(leader, 2), _session(leader, 1)

    found = _led(user=leader.user, after=NOW)

    assert found == [two, one]
    assert found[0].came == 0
    assert found[0].starts_at == two.starts_at
    assert found[0].cycle.programme.name == leader.cycle.programme.name


def test_compiled_counts_against_what_is_given():
    leader, other = make.MembershipFactory(role="leader"), make.MembershipFactory(role="leader")
    _session(leader, 2), _session(leader, 1), _session(other, 1)
    assert _with_many(n=2) == [(leader.pk, 0)]
    assert len(_with_many(n=1)) == 2


def test_compiled_asks_about_whoever_is_given(django_assert_num_queries):
    built.clear()
    mine, other = make.MembershipFactory(role="leader"), make.MembershipFactory(role="leader")
    _session(other, 1)

    assert _led(user=mine.user, after=NOW) == []
    assert len(_led(user=other.user, after=NOW)) == 1
    with django_assert_num_queries(1):
        assert _led(user=other.user, after=NOW + timedelta(hours=2)) == []

    assert len(built) <= 1  # none where another test came first


def test_compiled_lists_may_have_any_length(django_assert_num_queries):
    leader = make.MembershipFactory(role="leader")
    ids = [_session(leader, hour).pk for hour in range(3)]

    assert _of(session_ids=ids) == ids
    assert _of(session_ids={ids[1]}) == [ids[1]]
    with django_assert_num_queries(0):
        assert _of(session_ids=[]) == []  # as a queryset: Django knows, and does not ask


def test_compiled_keeps_a_statement_for_strangers_and_for_each_shape():
    place = make.MembershipFactory(role="leader")

    for newest_first in (True, False):
        assert _places(newest_first, uuid=place.uuid, user=AnonymousUser())[0]["role"] == "leader"
        assert first(_places(newest_first, uuid=place.uuid, user=place.user)) is not None
        assert first(_places(newest_first, uuid=place.uuid, user=make.UserFactory())) is None


def test_compiled_refuses_what_it_cannot_fill_in():
    @compiled
    def looks(*, limit: Any) -> Any:
        return Session.objects.all() if limit else Session.objects.none()

    @compiled
    def prefetches() -> Any:
        return Session.objects.prefetch_related("leaders")

    with pytest.raises(TypeError, match="positional"):
        looks(limit=3)
    with pytest.raises(TypeError, match="prefetches"):
        prefetches()
    with pytest.raises(TypeError, match="NULL"):
        _led(user=make.UserFactory(), after=None)

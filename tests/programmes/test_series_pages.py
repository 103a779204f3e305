"""Series on pages: looked at first, then saved; its days, what is left out and what was changed for one alone."""

import re
import uuid

import pytest
from django.urls import reverse

from peerhub.institution.models import Closure
from programmes.models import Session, SessionSeries
from tests import factories as make
from tests.access.rows.series import series_of, wanted
from tests.factories import NOW, in_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def rhian(world, client_of):
    return client_of(world.rhian)


def create_url(world):
    return reverse("programmes:series_create", args=[world.programme.slug, world.cycle.code])


def seen(response):
    return re.search(r'name="seen" value="(\w+)"', response.content.decode())[1]


def test_it_is_looked_at_first_and_saved_as_it_was_seen(world, rhian):
    said = wanted(world)
    looked = rhian.post(create_url(world), said)
    assert "4 dates would be planned" in text(looked)
    assert not SessionSeries.objects.exists()
    saved = rhian.post(create_url(world), said | {"seen": seen(looked)})
    series = SessionSeries.objects.get()
    assert saved.url == reverse("programmes:series_detail", args=[series.uuid])
    assert series.sessions.count() == 4


def test_what_changed_since_it_was_seen_is_shown_again(world, rhian):
    said = wanted(world)
    mark = seen(rhian.post(create_url(world), said))
    Closure.objects.create(name="Open day", starts_on="2026-11-16", ends_on="2026-11-16")
    again = rhian.post(create_url(world), said | {"seen": mark})
    assert "3 dates would be planned" in text(again)
    assert "Mon 16 Nov: Closed: Open day" in text(again)
    assert not SessionSeries.objects.exists()


def test_pressed_twice_it_is_planned_once(world, rhian):
    said = wanted(world) | {"form_key": str(uuid.uuid4())}
    said["seen"] = seen(rhian.post(create_url(world), said))
    for _ in range(2):
        assert rhian.post(create_url(world), said).status_code in {200, 302}
    assert SessionSeries.objects.count() == 1


def test_several_groups_get_a_series_each(world, rhian):
    other = make.GroupFactory(cycle=world.cycle, name="Group B", place="Lab 4")
    leader = make.MembershipFactory(cycle=world.cycle, role="leader")
    make.GroupMemberFactory(group=other, membership=leader)
    said = wanted(world) | {"groups": [world.group.pk, other.pk]}
    saved = rhian.post(create_url(world), said | {"seen": seen(rhian.post(create_url(world), said))})
    assert saved.url == reverse("programmes:session_list", args=[world.programme.slug, world.cycle.code])
    one = Session.objects.filter(group=other).first()
    assert (one.place, [row.membership for row in one.leaders.all()]) == ("Lab 4", [leader])


def test_clashes_of_leader_group_and_place_are_shown(world, rhian):
    monday = NOW.replace(day=9, hour=16)
    elsewhere = make.SessionFactory(cycle=world.cycle, starts_at=monday, place="b2.14")
    make.SessionLeaderFactory(session=elsewhere, membership=world.memberships["amara"])
    make.SessionFactory(group=world.group, starts_at=monday.replace(day=16), place="")
    said = text(rhian.post(create_url(world), wanted(world) | {"place": "B2.14"}))
    assert "Amara Okafor already leads in Bio PASS at 16:00." in said
    assert "b2.14 is taken by Bio PASS at 16:00." in said
    assert "Group A already meets at 16:00." in said
    assert "2 of them clash with something" in said


def test_two_groups_with_one_leader_at_one_time_clash_with_one_another(world, rhian):
    other = make.GroupFactory(cycle=world.cycle, name="Group B")
    make.GroupMemberFactory(group=other, membership=world.memberships["amara"])
    said = wanted(world) | {"groups": [world.group.pk, other.pk]}
    assert "The same person would lead Group A at the same time." in text(rhian.post(create_url(world), said))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"weekdays": []}, "Choose at least one day."),
        ({"days": "tomorrow"}, "“tomorrow” is no day we can read."),
        ({"ends_on": "2026-11-01"}, "The last day must not be before the first."),
        ({"ends_on": "2028-11-01"}, "outside this cycle’s dates"),
        ({"minutes": "1500"}, "That is longer than a day."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world, rhian, said, message):
    response = rhian.post(create_url(world), wanted(world) | said)
    assert response.status_code == 422
    assert message in text(response)


def test_chosen_days_in_many_spellings(world, rhian):
    said = wanted(world) | {"weekdays": [], "days": "2026-11-20\n 21/11/2026; 22 November 2026"}
    assert "3 dates would be planned" in text(rhian.post(create_url(world), said))


def test_the_page_of_a_series_shows_its_days_and_what_differs(world, rhian, client_of):
    series = series_of(world, world.group)
    moved = series.sessions.order_by("starts_at").last()
    Session.objects.filter(pk=moved.pk).update(place="Library 3", has_own_place=True)
    Closure.objects.create(name="Open day", starts_on="2026-11-25", ends_on="2026-11-25")
    url = reverse("programmes:series_detail", args=[series.uuid])
    for reader in (rhian, client_of(world.ben)):
        said = text(reader.get(url))
        assert "Wednesday, 14:00 to 15:00" in said
        assert "Changed for this one: place" in said
        assert "Wed 25 Nov: Closed: Open day" in said
    assert "Wed 28 Oct" in text(rhian.get(url, {"show": "past"}))
    assert "One of a series" in text(rhian.get(reverse("programmes:session_detail", args=[moved.uuid])))


def test_the_list_of_series_tells_when_each_is_next(world, rhian):
    series_of(world, world.group)
    over = series_of(world, make.GroupFactory(cycle=world.cycle, name="Over"))
    over.sessions.update(starts_at=in_days(-9), ends_at=in_days(-8))
    said = text(rhian.get(reverse("programmes:series_list", args=[world.programme.slug, world.cycle.code])))
    assert "Group A Wednesday, 14:00 to 15:00 B2.14 Amara Okafor Wed 11 Nov 2 to come" in said
    assert "Nothing to come" in said


def test_a_change_is_looked_at_first_and_keeps_what_is_its_own(world, rhian):
    series = series_of(world, world.group)
    own = series.sessions.order_by("starts_at").last()
    Session.objects.filter(pk=own.pk).update(place="Library 3", has_own_place=True)
    make.SessionLeaderFactory(
        session=make.SessionFactory(cycle=world.cycle, starts_at=NOW.replace(day=11, hour=16)),
        membership=world.memberships["amara"],
    )
    url = reverse("programmes:series_change", args=[series.uuid])
    assert 'value="14:00"' in rhian.get(url).content.decode()
    said = {"from_on": "2026-11-11", "start": "16:00", "minutes": "60", "mode": "in_person", "place": "Lab 1"}
    looked = rhian.post(url, said)
    assert "2 dates would change, the first on Wednesday 11 November" in text(looked)
    assert "Wed 18 Nov: place" in text(looked)
    assert "Wed 11 Nov: Amara Okafor already leads in Bio PASS at 16:00." in text(looked)
    rhian.post(url, said | {"seen": seen(looked)})
    found = [(one.starts_at.hour, one.place) for one in series.sessions.order_by("starts_at")]
    assert found == [(14, "B2.14"), (16, "Lab 1"), (16, "Library 3")]
    assert "Wednesday, 14:00 to 15:00" in text(rhian.get(reverse("programmes:series_detail", args=[series.uuid])))


def test_a_change_after_its_last_day_is_refused_at_its_field(world, rhian):
    url = reverse("programmes:series_change", args=[series_of(world, world.group).uuid])
    response = rhian.post(url, {"from_on": "2027-06-15", "start": "16:00", "minutes": "60", "mode": "in_person"})
    assert response.status_code == 422
    assert "That is after the last day of the series." in text(response)


def test_the_rest_off_and_on_again(world, rhian, client_of):
    series = series_of(world, world.group)
    page, url = (reverse(f"programmes:series_{name}", args=[series.uuid]) for name in ("detail", "cancel"))
    assert "2 dates are to come from Wednesday 11 November." in text(rhian.get(url))
    assert rhian.post(url, {"from_on": "2026-11-11", "reason": " "}).status_code == 422
    rhian.post(url, {"from_on": "2026-11-11", "reason": "The room is gone"})
    assert "Called off from 11 November 2026." in text(rhian.get(page))
    assert "It happens after all" not in text(client_of(world.ben).get(page))
    rhian.post(reverse("programmes:series_restore", args=[series.uuid]))
    assert "It is on again. Everyone expected is told once." in text(rhian.get(page))
    assert series.sessions.filter(status="planned").count() == 3


def test_calling_one_off_offers_the_rest_from_there(world, rhian):
    last = series_of(world, world.group).sessions.order_by("starts_at").last()
    page = rhian.get(reverse("programmes:session_cancel", args=[last.uuid])).content.decode()
    assert f"{reverse('programmes:series_cancel', args=[last.series.uuid])}?from=2026-11-18" in page

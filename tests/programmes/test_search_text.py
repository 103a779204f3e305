"""What the catalogue's search looks in follows the names it quotes, wherever they are changed."""

import pytest
from django.urls import reverse

from peerhub.common.models import AuditEvent
from peerhub.institution.services import change_unit
from programmes.models import ActivityType, Programme
from programmes.services.changes import refresh_search
from tests import factories as make
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world):
    refresh_search(Programme.objects.all())
    return world


def finds(client, word):
    return "Bio PASS" in client.get(reverse("programmes:catalogue"), {"q": word}).content.decode()


def change(world, browser, model, row, **values):
    """What somebody does in the Django admin: open the form, change a word, save."""
    path = reverse(f"admin:{model}_change", args=[row.pk])
    form = browser.get(path).context["adminform"].form
    told = {name: "" if value is None else value for name, value in form.initial.items() if value is not False}
    inlines = {"external_ids-TOTAL_FORMS": 0, "external_ids-INITIAL_FORMS": 0}
    return browser.post(path, {**told, **inlines, **values})


def test_a_renamed_unit_is_found_by_its_new_name(world, client, frozen):
    details = {"name": "Life Sciences", "short_name": "LIFE"}
    change_unit(actor=world.carys, unit_id=world.biosciences.pk, details=details, now=NOW)

    assert (finds(client, "life sciences"), finds(client, "biosciences")) == (True, False)
    world.other_programme.refresh_from_db()
    assert "history" in world.other_programme.search_text


def test_a_unit_renamed_in_the_admin_is_found(world, client, client_of, frozen):
    reply = change(world, client_of(world.sam), "institution_orgunit", world.biosciences, name="Life Sciences")
    assert reply.status_code == 302
    assert finds(client, "life sciences")


def test_an_activity_type_renamed_in_the_admin_is_found(world, client, client_of, frozen):
    kind = world.programme.activity_type
    words = {"name": "Supported study", "leaders_word": "beacons"}
    reply = change(world, client_of(world.sam), "programmes_activitytype", kind, **words)
    assert reply.status_code == 302

    assert finds(client, "supported study")
    assert finds(client, "beacons")
    event = AuditEvent.objects.get(action="programmes.vocabulary_changed")
    assert sorted(event.detail["fields"]) == ["leaders_word", "name"]
    assert ActivityType.objects.get(pk=kind.pk).is_framework == kind.is_framework


def test_refreshing_writes_only_what_changed(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert refresh_search(Programme.objects.all()) == 0


@pytest.mark.parametrize(
    ("typed", "better"), [("biosciencs", "biosciences"), ("suported study", "supported study"), ("Bïo pss", "")]
)
def test_a_misspelt_search_offers_the_nearest_words(world, client, typed, better):
    Programme.objects.filter(pk=world.programme.pk).update(summary="Supported study")
    refresh_search(Programme.objects.all())
    body = client.get(reverse("programmes:catalogue"), {"q": typed}).content.decode()
    assert "Bio PASS" not in body
    assert (f"Search for “{better}”" in body) is bool(better)
    if better:
        assert finds(client, better)


def test_a_draft_lends_no_words_to_a_strangers_search(world, client):
    Programme.objects.filter(pk=world.draft_programme.pk).update(summary="Zymurgy")
    refresh_search(Programme.objects.all())
    assert "zymurgy" not in client.get(reverse("programmes:catalogue"), {"q": "zymurgi"}).content.decode()


def test_a_module_of_a_group_finds_its_programme_when_nothing_is_called_so(world, client):
    make.GroupFactory(cycle=world.cycle, subject="BIO1004 Ecology")
    assert finds(client, "ecology")
    assert not finds(client, "astrology")


def test_what_a_programme_says_of_itself_finds_it_when_nothing_is_called_so(world, client):
    Programme.objects.filter(pk=world.programme.pk).update(population_served="Students who commute")
    assert finds(client, "commute")

"""Certification: what counts towards a level, who may grant it, and that an award stays as it was."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from peerhub.common.mail import Rendered
from peerhub.common.mail.writing import say_now
from peerhub.common.models import Message
from tests import factories as make
from tests.factories import NOW, in_days
from training.models import CertificationAward, CertificationScheme, CompletionImport, DevelopmentEntry
from training.queries.certification import standings_of
from training.services import certification
from training.services.certification import CertificationRefused, LevelText, SchemeText
from training.services.completion_imports import ImportRefused, refuse_leaning
from training.services.completions import CompletionRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def rhian():
    return make.UserFactory(given_name="Rhian")


@pytest.fixture
def amara():
    """Leads in a programme."""
    return make.MembershipFactory(role="leader", user__given_name="Amara")


@pytest.fixture
def scheme(rhian):
    """Two levels: 3 hours, 2 of them live, and listening; then 5 hours, 1 of leading, and groups."""
    made = certification.save_scheme(actor=rhian, text=SchemeText("Ladder", "A standard of 2024"), now=NOW)
    for text in (
        LevelText("One", Decimal(3), Decimal(2), topics=["Listening", " Listening "]),
        LevelText("Two", Decimal(5), Decimal(2), Decimal(1), valid_months=12, topics=["Groups"]),
    ):
        certification.save_level(actor=rhian, scheme_id=made.pk, text=text, now=NOW)
    return made


def module(scheme, rhian, *titles, hours=2, mode="live", **more):
    """A module that covers topics."""
    made = make.ModuleFactory(hours=hours, mode=mode, **more)
    topics = [one.uuid for level in scheme.levels.all() for one in level.topics.all() if one.title in titles]
    certification.cover_topics(actor=rhian, scheme_id=scheme.pk, module_id=made.pk, topics=topics, now=NOW)
    return made


def levels(user, scheme, now=NOW):
    return standings_of(user, now=now, scheme=scheme)[0].levels


def lead(membership, minutes):
    session = make.SessionFactory(cycle=membership.cycle, status="held", starts_at=in_days(-2), ends_at=in_days(-1.9))
    make.SessionLeaderFactory(session=session, membership=membership)
    make.SessionLogFactory(session=session, minutes=minutes)


def grant(rhian, membership, level, now=NOW, **more):
    about = {"actor": rhian, "membership": membership, "level_id": level.pk, "now": now}
    return certification.grant_award(**{**about, **more})


def met(scheme, rhian, amara):
    """Amara has what level one asks for."""
    found = [module(scheme, rhian, "Listening"), module(scheme, rhian, "Listening", hours=1, mode="self_paced")]
    return [make.CompletionFactory(user=amara.user, module=one) for one in found]


# --- where somebody stands --------------------------------------------------------------------------------------------
def test_level_counts_hours_live_hours_and_topics_once(scheme, rhian, amara):
    live = module(scheme, rhian, "Listening")
    make.ModuleFactory(title="Covers nothing", hours=9)
    for day in (date(2026, 9, 1), date(2026, 10, 1)):
        make.CompletionFactory(user=amara.user, module=live, completed_on=day)
    one = levels(amara.user, scheme)[0]
    assert [(need.have, need.is_met) for need in one.needs] == [(2, False), (2, True), (0, True)]
    assert (one.covered, one.is_met) == (1, False)
    own = module(scheme, rhian, "Listening", hours=1, mode="self_paced")
    make.CompletionFactory(user=amara.user, module=own)
    assert levels(amara.user, scheme)[0].is_met


def test_what_ran_out_or_was_taken_back_does_not_count(scheme, rhian, amara):
    live = module(scheme, rhian, "Listening")
    make.CompletionFactory(user=amara.user, module=live, completed_on=date(2025, 1, 1), expires_on=date(2026, 1, 1))
    make.CompletionFactory(user=amara.user, module=live, withdrawn_at=NOW)
    assert [need.have for need in levels(amara.user, scheme)[0].needs] == [0, 0, 0]


def test_leading_counts_from_logs_and_from_ones_own_log_only_if_the_scheme_says_so(scheme, rhian, amara):
    lead(amara, 45)
    about = {"user": amara.user, "on": date(2026, 10, 1), "what": "Summer camp", "hours": 2, "created_at": NOW}
    DevelopmentEntry.objects.create(kind="practice", shared_with=amara, **about)
    DevelopmentEntry.objects.create(kind="practice", **about)  # private
    DevelopmentEntry.objects.create(kind="reading", shared_with=amara, **about)
    assert levels(amara.user, scheme)[1].needs[2].have == Decimal("0.75")
    CertificationScheme.objects.filter(pk=scheme.pk).update(counts_log=True)
    scheme.refresh_from_db()
    assert levels(amara.user, scheme)[1].needs[2].have == Decimal("2.75")


# --- granting ---------------------------------------------------------------------------------------------------------
def test_award_is_granted_with_what_it_rests_on_and_stays_so(scheme, rhian, amara):
    done = met(scheme, rhian, amara)
    one, two = scheme.levels.order_by("number")
    award = grant(rhian, amara, one)
    assert (award.granted_by, award.granted_on, award.expires_on) == (rhian, date(2026, 11, 4), None)
    assert {said["completion"] for said in award.evidence["modules"]} == {str(one.uuid) for one in done}
    text = LevelText("Uno", Decimal(4), topics=["Listening", "Speaking"])
    certification.save_level(actor=rhian, scheme_id=scheme.pk, level_id=one.pk, text=text, now=NOW)
    award.refresh_from_db()
    assert (award.evidence["level"], award.evidence["needs"][0]["want"]) == ("One", "3.0")
    assert not levels(amara.user, scheme)[1].lacks_below
    with pytest.raises(CertificationRefused, match="have_it"):
        grant(rhian, amara, one)
    with pytest.raises(CertificationRefused, match="not_met"):
        grant(rhian, amara, two)


def test_award_that_runs_out_can_be_granted_again(scheme, rhian, amara):
    met(scheme, rhian, amara)
    one = scheme.levels.get(number=1)
    one.valid_months = 1
    one.save()
    first = grant(rhian, amara, one)
    assert first.expires_on == date(2026, 12, 4)
    assert grant(rhian, amara, one, now=in_days(31)).pk != first.pk


def test_nobody_grants_what_is_not_met_closed_or_their_own(scheme, rhian, amara):
    one, two = scheme.levels.order_by("number")
    for level, code in ((one, "not_met"), (two, "not_met")):
        with pytest.raises(CertificationRefused, match=code):
            grant(rhian, amara, level)
    met(scheme, rhian, amara)
    with pytest.raises(CompletionRefused, match="own"):
        grant(amara.user, amara, one)
    certification.close_scheme(actor=rhian, scheme_id=scheme.pk, now=NOW)
    with pytest.raises(CertificationRefused, match="closed"):
        grant(rhian, amara, one)
    assert not CertificationAward.objects.exists()


def test_award_taken_back_stays_on_record_and_counts_no_more(scheme, rhian, amara):
    met(scheme, rhian, amara)
    award = grant(rhian, amara, scheme.levels.get(number=1))
    about = {"actor": rhian, "membership": amara, "award_id": award.pk, "now": NOW}
    with pytest.raises(CertificationRefused, match="no_reason"):
        certification.withdraw_award(**about, reason=" ")
    certification.withdraw_award(**about, reason="Somebody else")
    assert certification.withdraw_award(**about, reason="Again").withdrawn_why == "Somebody else"
    assert levels(amara.user, scheme)[0].award is None
    assert sent_to(amara.user) == ["“One” was taken back"]  # that it was granted is not told any more


def test_award_is_told_once_with_its_certificate(scheme, rhian, amara):
    met(scheme, rhian, amara)
    grant(rhian, amara, scheme.levels.get(number=1))
    assert sent_to(amara.user) == ["You were granted “One”"]


def test_only_where_it_was_granted_is_an_award_taken_back(scheme, rhian, amara):
    met(scheme, rhian, amara)
    award = grant(rhian, amara, scheme.levels.get(number=1))
    elsewhere = make.MembershipFactory(role="leader", user=amara.user)
    with pytest.raises(CertificationAward.DoesNotExist):
        certification.withdraw_award(actor=rhian, membership=elsewhere, award_id=award.pk, reason="Mine?", now=NOW)


def sent_to(user):
    """What is said to somebody now, by its title."""
    rows = list(Message.objects.filter(recipient=user, channel="email").order_by("pk"))
    return [said.title for _row, said in say_now(rows, NOW) if isinstance(said, Rendered)]


def test_import_that_an_award_rests_on_is_not_undone(scheme, rhian, amara):
    row = CompletionImport.objects.create(
        file_name="x.csv", state="applied", created_at=in_days(-1), applied_at=in_days(-1)
    )
    for one in met(scheme, rhian, amara):
        one.source, one.imported_from, one.import_row = "import", row, 2
        one.save()
    grant(rhian, amara, scheme.levels.get(number=1))
    with pytest.raises(ImportRefused, match="awarded"):
        refuse_leaning(row, now=NOW)


# --- writing schemes --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (LevelText("x", Decimal(9), Decimal(10)), "live"),
        (LevelText("x", Decimal(1)), "below"),
        (LevelText("x", Decimal(9), topics=["x" * 121]), "topics"),
    ],
)
def test_level_that_makes_no_sense_is_refused(scheme, rhian, text, code):
    with pytest.raises(CertificationRefused, match=code):
        certification.save_level(actor=rhian, scheme_id=scheme.pk, text=text, now=NOW)


def test_scheme_has_its_own_title_and_a_source_and_keeps_levels_that_were_granted(scheme, rhian, amara):
    for text, code in ((SchemeText("Ladder", "x"), "title_taken"), (SchemeText("Other", " "), "no_source")):
        with pytest.raises(CertificationRefused, match=code):
            certification.save_scheme(actor=rhian, text=text, now=NOW)
    met(scheme, rhian, amara)
    one, two = scheme.levels.order_by("number")
    grant(rhian, amara, one)
    with pytest.raises(CertificationRefused, match="not_last"):
        certification.remove_level(actor=rhian, level_id=one.pk, now=NOW)
    certification.remove_level(actor=rhian, level_id=two.pk, now=NOW)
    with pytest.raises(CertificationRefused, match="has_awards"):
        certification.remove_level(actor=rhian, level_id=one.pk, now=NOW)


def test_topics_that_keep_their_words_keep_their_modules(scheme, rhian):
    live = module(scheme, rhian, "Listening")
    one = scheme.levels.get(number=1)
    text = LevelText("One", Decimal(3), topics=["Asking", "Listening"])
    certification.save_level(actor=rhian, scheme_id=scheme.pk, level_id=one.pk, text=text, now=NOW)
    assert [(topic.title, list(topic.modules.all())) for topic in one.topics.order_by("position")] == [
        ("Asking", []), ("Listening", [live]),
    ]  # fmt: skip


def test_a_scheme_comes_with_peerhub_closed_and_with_its_source():
    found = CertificationScheme.objects.get(levels__topics__title="Referring on")
    assert found.closed_at
    assert "CRLA" in found.source
    hours = found.levels.order_by("number").values_list("hours", "live_hours", "experience_hours")
    assert list(hours) == [(10, 6, 25), (20, 12, 50), (30, 18, 75)]


@pytest.mark.parametrize("wrong", [{"hours": 1, "live_hours": 2}, {"number": 0}, {"valid_months": 0}])
def test_database_refuses_a_level_that_cannot_be(scheme, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        scheme.levels.filter(number=2).update(**wrong)


def test_modules_of_other_programmes_are_named_and_not_linked(scheme, rhian, amara, client_of):
    shared = module(scheme, rhian, "Listening", title="On the shared site")
    theirs = module(scheme, rhian, "Listening", title="Of another programme", owner=make.ProgrammeFactory())
    page = client_of(amara.user).get(reverse("training:scheme_standing", args=[scheme.uuid])).content.decode()
    assert reverse("training:module_detail", args=[shared.uuid]) in page
    assert theirs.title in page
    assert reverse("training:module_detail", args=[theirs.uuid]) not in page


def test_leader_sees_the_way_and_the_certificate(scheme, rhian, amara, client_of):
    met(scheme, rhian, amara)
    client = client_of(amara.user)
    assert "Everything is there" in client.get(reverse("training:certification")).content.decode()
    award = grant(rhian, amara, scheme.levels.get(number=1))
    assert award.code in client.get(reverse("training:award_detail", args=[award.uuid])).content.decode()
    assert client_of(make.UserFactory()).get(reverse("training:award_detail", args=[award.uuid])).status_code == 404

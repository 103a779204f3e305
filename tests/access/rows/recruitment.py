"""Recruitment: an open round in which Dev has applied, one that is not published, two in which leaders are chosen."""

from datetime import timedelta
from typing import Any

from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.factories import in_days
from tests.training.recruiting import LATER, apply, dealt, draft_round, lock, name, open_round, prepare, scored
from tests.world import World
from training.models import Application
from training.services import interviews, shortlist

ROLES = ("rhian", "imran", "elin", "amara", "ben")


def extend(world: World) -> None:
    """Study coaches: leaders are wanted until next week. Maths mentors: the advert is being written. Lab guides: being
    scored, by Lena and somebody else. Field guides: the shortlist is decided, and its names are shown.
    """
    names = ("Study coaches", "Maths mentors", "Lab guides", "Field guides")
    for title in names:
        slug = title.lower().replace(" ", "-")
        programme = make.ProgrammeFactory(slug=slug, name=title, owner_unit=world.biosciences)
        cycle = make.CycleFactory(programme=programme, state="preparing")
        for who in ROLES:
            role = world.memberships[who].role
            make.MembershipFactory(cycle=cycle, user=getattr(world, who), role=role, is_point_person=who == "rhian")
        world.extra[slug] = cycle
    world.extra["round"] = open_round(world.extra["study-coaches"])
    world.extra["draft_round"] = draft_round(world.extra["maths-mentors"])
    world.extra["devs_application"] = apply(world.extra["round"], world.dev)
    apply(world.extra["round"], world.zoe)
    _being_scored(world)
    _decided(world)


CLOSED = {"closes_at": in_days(-2)}
BEFORE = in_days(-3)


def _being_scored(world: World) -> None:
    """One that both have locked, two apart; one that is Lena's to score; one to prepare."""
    round_ = open_round(world.extra["lab-guides"], **CLOSED)
    helpers = [name(round_, world.lena), name(round_)]
    locked, to_score = (prepare(apply(round_, who, now=BEFORE)) for who in (world.dev, None))
    for helper, value in zip(helpers, (4, 2), strict=True):
        lock(locked, helper, value)
    world.extra |= {
        "scoring_round": round_,
        "scoring_helpers": helpers,
        "locked_application": locked,
        "locked_assessment": dealt(locked, helpers[0]),
        "open_assessment": dealt(to_score, helpers[0]),
        "to_prepare": apply(round_, world.zoe, now=BEFORE),
    }


def _decided(world: World) -> None:
    round_ = open_round(world.extra["field-guides"], **CLOSED)
    helpers = [name(round_, world.lena), name(round_)]
    chosen = scored(round_, helpers, 4, who=world.dev, now=BEFORE)
    shortlist.decide_shortlist(actor=world.rhian, round_id=round_.pk, cut=50, now=LATER)
    hidden = shortlist.reveal_identities(actor=world.rhian, round_id=round_.pk, now=LATER)
    assert hidden == [chosen.pk]
    _talks(world, round_)
    world.extra |= {
        "decided_round": round_,
        "chosen_application": chosen,
        "chosen_assessment": dealt(chosen, helpers[0]),
    }


def _talks(world: World, round_: Any) -> None:
    """Three times to choose from, and everybody on the shortlist is asked to."""
    said = {"starts_at": in_days(5), "minutes": 20, "count": 3, "where": "B2.14"}
    interviews.add_slots(actor=world.rhian, round_id=round_.pk, now=in_days(0), **said)
    interviews.invite_shortlisted(actor=world.rhian, round_id=round_.pk, now=in_days(0))
    world.extra["slot"] = round_.slots.order_by("starts_at").first()


def grow(world: World, times: int) -> None:
    """More who apply, are prepared, scored and to be scored."""
    for _ in range(times):
        apply(world.extra["round"])
        round_ = world.extra["scoring_round"]
        apply(round_, now=BEFORE)
        scored(round_, world.extra["scoring_helpers"], 3, now=BEFORE)
        prepare(apply(round_, now=BEFORE))
        name(world.extra["round"])
        _talked(world)


def _talked(world: World) -> None:
    """Somebody more who has booked a time, and somebody who has talked."""
    round_ = world.extra["decided_round"]
    starts_at = in_days(6) + timedelta(hours=round_.slots.count())
    slot = round_.slots.create(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), where="B2.14", capacity=2)
    for state, where in (("invited", slot), ("interviewed", None)):
        one = apply(world.extra["round"])
        Application.objects.filter(pk=one.pk).update(round=round_, state=state, slot=where, revealed_at=LATER)


def at(slug: str) -> Any:
    return lambda world: {"slug": slug, "code": world.extra[slug].code}


def about(key: str, slug: str = "") -> Any:
    """The uuid of something of the world's; with its cycle's address where it stands below that."""
    return lambda world: (at(slug)(world) if slug else {}) | {"uuid": world.extra[key].uuid}


def own(world: World) -> dict[str, Any]:
    return {"uuid": world.extra["devs_application"].uuid}


# Who may open the workspace and does not coordinate is told that it is not theirs; to all others it does not exist.
DESK = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 403, "institution_lead": 403}
MOVES = DESK | {"coordinator": 302}
MINE = {"anonymous": LOGIN, "elsewhere": 200}
APPLIES = {"anonymous": LOGIN, "elsewhere": 302}
TEXTS = {"answer_1": "I listened.", "answer_2": "To learn."}
ADVERT = {"places": "4", "offer_days": "7", "purpose": "Why", "closes_on": "2026-12-01", "closes_time": "12:00"}
SETS = {
    "q-TOTAL_FORMS": "1", "q-INITIAL_FORMS": "0", "q-0-text": "Why?", "q-0-hint": "", "q-0-most_words": "100",
    "c-TOTAL_FORMS": "1", "c-INITIAL_FORMS": "0", "c-0-name": "Care", "c-0-looks_like": "", "c-0-weight": "2",
}  # fmt: skip
OPEN, DRAFT, SCORING, DECIDED = at("study-coaches"), at("maths-mentors"), at("lab-guides"), at("field-guides")
NOT_MINE = {"assessor": 404}
PREPARES = {"anonymous": LOGIN, "coordinator": 200, "assessor": 404}
SCORES = {"anonymous": LOGIN, "assessor": 200}
RUNS = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 200, "institution_lead": 200}

ROWS = [
    Row("training:advert_detail", expect(200), kwargs=OPEN),
    Row("training:advert_detail", expect(404, coordinator=200), kwargs=DRAFT, note="not published"),
    Row("training:application_edit", expect(200, anonymous=LOGIN, elsewhere=302), kwargs=OPEN),
    Row("training:application_edit", expect(404, anonymous=LOGIN, coordinator=302), kwargs=DRAFT, note="not published"),
    Row(
        "training:application_edit",
        expect(302, anonymous=LOGIN, coordinator=409),
        kwargs=OPEN,
        method="POST",
        data=lambda w: TEXTS | {"action": "send"},
    ),
    Row("training:application_detail", expect(404, **MINE), kwargs=own),
    Row("training:application_sent", expect(404, **MINE), kwargs=own),
    Row("training:application_withdraw", expect(404, **MINE), kwargs=own),
    Row("training:application_withdraw", expect(404, **APPLIES), kwargs=own, method="POST"),
    Row("training:recruitment", expect(404, **DESK), kwargs=OPEN),
    Row("training:recruitment", expect(404, **DESK), kwargs=DRAFT, note="not published"),
    Row("training:advert_edit", expect(404, **DESK), kwargs=DRAFT),
    Row("training:advert_edit", expect(404, **DESK), kwargs=OPEN, note="published"),
    Row("training:advert_edit", expect(404, **MOVES), kwargs=DRAFT, method="POST", data=lambda w: ADVERT),
    Row("training:questions_edit", expect(404, **DESK), kwargs=DRAFT),
    Row("training:questions_edit", expect(404, **DESK), kwargs=OPEN, note="published"),
    Row("training:questions_edit", expect(404, **MOVES), kwargs=DRAFT, method="POST", data=lambda w: SETS),
    Row("training:round_publish", expect(404, **MOVES), kwargs=DRAFT, method="POST"),
    Row(
        "training:round_extend",
        expect(404, **MOVES),
        kwargs=OPEN,
        method="POST",
        data=lambda w: {"closes_on": f"{in_days(9):%Y-%m-%d}", "closes_time": "12:00"},
    ),
    Row("training:application_list", expect(404, **DESK), kwargs=OPEN),
    Row("training:applications_export", expect(404, **DESK), kwargs=OPEN, writes=True, note="an export is on record"),
    # --- who helps, one application, the shortlist, the names: for who coordinates alone, whoever scores ---
    Row("training:helper_list", expect(404, **DESK), kwargs=OPEN, query="?q=zoe"),
    Row(
        "training:helper_add",
        expect(404, **MOVES),
        kwargs=OPEN,
        method="POST",
        data=lambda w: {"who": str(w.helen.uuid), "kind": "redactor"},
    ),
    Row(
        "training:helper_release",
        expect(404, **MOVES),
        kwargs=lambda w: SCORING(w) | {"uuid": w.extra["scoring_helpers"][1].uuid},
        method="POST",
    ),
    Row("training:recruitment", expect(404, **DESK | NOT_MINE), kwargs=SCORING, note="being scored"),
    Row("training:application_list", expect(404, **DESK | NOT_MINE), kwargs=SCORING, note="being scored"),
    Row("training:application_review", expect(404, **DESK | NOT_MINE), about("locked_application", "lab-guides")),
    Row(
        "training:application_review",
        expect(404, **DESK | NOT_MINE),
        kwargs=about("chosen_application", "field-guides"),
        note="its name is shown",
    ),
    Row(
        "training:score_agree",
        expect(404, **MOVES | NOT_MINE),
        kwargs=about("locked_application", "lab-guides"),
        method="POST",
        data=lambda w: {
            "criterion": w.extra["scoring_round"].criteria.first().pk,
            "value": 3,
            "reason": "Read again",
        },
    ),
    Row("training:shortlist_decide", expect(404, **DESK | NOT_MINE), kwargs=SCORING, query="?cut=50"),
    Row("training:shortlist_decide", expect(404, **DESK | NOT_MINE), kwargs=DECIDED, note="decided"),
    Row(
        "training:shortlist_decide",
        expect(404, **DESK | NOT_MINE),
        kwargs=SCORING,
        method="POST",
        data=lambda w: {"cut": "50"},
        note="before all have locked",
    ),
    Row("training:identities_reveal", expect(404, **MOVES | NOT_MINE), kwargs=DECIDED, method="POST"),
    # --- those who prepare: who coordinates and does not score ---
    Row("training:prepare_list", expect(404, **PREPARES), kwargs=about("scoring_round")),
    Row("training:prepare_application", expect(404, **PREPARES), kwargs=about("to_prepare")),
    Row(
        "training:prepare_application",
        expect(404, **PREPARES | {"coordinator": 302}),
        kwargs=about("to_prepare"),
        method="POST",
        data=lambda w: {f"copy_{one.pk}": "Copy" for one in w.extra["to_prepare"].answers.all()},
    ),
    # --- those who score: codes and copies, before locking, after it and when it is decided; nobody else ---
    Row("training:assess_list", expect(404, **SCORES), kwargs=about("scoring_round")),
    Row("training:assess_application", expect(404, **SCORES), kwargs=about("open_assessment")),
    Row("training:assess_application", expect(404, **SCORES), kwargs=about("locked_assessment"), note="locked"),
    Row("training:assess_application", expect(404, **SCORES), kwargs=about("chosen_assessment"), note="decided"),
    Row(
        "training:assess_application",
        expect(404, **SCORES | {"assessor": 302}),
        kwargs=about("open_assessment"),
        method="POST",
        data=lambda w: {"action": "save"},
    ),
    Row(
        "training:assess_application",
        expect(404, **SCORES | {"assessor": 422}),
        kwargs=about("locked_assessment"),
        method="POST",
        data=lambda w: {"action": "save"},
        note="locked",
    ),
    Row("training:conflict_declare", expect(404, **SCORES), kwargs=about("open_assessment")),
    Row(
        "training:conflict_declare",
        expect(404, **SCORES | {"assessor": 302}),
        kwargs=about("open_assessment"),
        method="POST",
        data=lambda w: {"reason": "A friend"},
    ),
    # --- where a name is: all of it is hidden from who scores ---
    Row("training:application_detail", expect(404, **MINE | NOT_MINE), about("locked_application"), note="scored"),
    Row("programmes:people_list", expect(404, **DESK | NOT_MINE | {"supervisor": 200}), SCORING, note="to who scores"),
    Row("programmes:cycle_timeline", expect(404, **RUNS | NOT_MINE), SCORING, note="to who scores"),
    Row("programmes:message_list", expect(404, **DESK | NOT_MINE), SCORING, note="to who scores"),
    # --- times, conversations, offers ---
    Row("training:application_detail", expect(404, **MINE | NOT_MINE), about("chosen_application"), note="invited"),
    Row(
        "training:slot_book",
        expect(404, **APPLIES | NOT_MINE),
        kwargs=about("chosen_application"),
        method="POST",
        data=lambda w: {"slot": str(w.extra["slot"].uuid)},
    ),
    Row(
        "training:offer_answer",
        expect(404, **APPLIES | NOT_MINE),
        kwargs=about("chosen_application"),
        method="POST",
        data=lambda w: {"answer": "yes"},
        note="before it is offered",
    ),
    Row("training:slot_list", expect(404, **DESK | NOT_MINE), kwargs=DECIDED),
    Row("training:slot_list", expect(404, **DESK | NOT_MINE), kwargs=SCORING, note="before the shortlist"),
    Row(
        "training:slot_list",
        expect(404, **MOVES | NOT_MINE),
        kwargs=DECIDED,
        method="POST",
        data=lambda w: {
            "on": f"{in_days(8):%Y-%m-%d}",
            "start": "10:00",
            "minutes": "20",
            "count": "2",
            "capacity": "1",
            "where": "B2",
        },
    ),
    Row("training:slot_remove", expect(404, **MOVES | NOT_MINE), about("slot", "field-guides"), method="POST"),
    Row("training:shortlist_invite", expect(404, **MOVES | NOT_MINE), kwargs=DECIDED, method="POST"),
    Row("training:offer_list", expect(404, **DESK | NOT_MINE), kwargs=DECIDED),
    Row("training:application_decide", expect(404, **DESK | NOT_MINE), about("chosen_application", "field-guides")),
    Row(
        "training:application_decide",
        expect(404, **MOVES | NOT_MINE),
        kwargs=about("chosen_application", "field-guides"),
        method="POST",
        data=lambda w: {"step": "missed"},
    ),
    Row("training:round_finish", expect(404, **MOVES | NOT_MINE), kwargs=DECIDED, method="POST"),
]

"""Co-design: Seren, a student partner, sees the ledger and the documents of Bio PASS, and nothing of its people."""

from typing import Any

from programmes.models import (
    DecisionOption,
    DesignDocument,
    DesignReply,
    DesignSignature,
    DesignWorkshop,
    DocumentKind,
    DocumentVersion,
    PartnerHours,
    ProposalComment,
)
from tests import factories as make
from tests.access.matrix import LOGIN, Row, expect
from tests.access.rows.delivery import cycle
from tests.factories import NOW, TODAY, in_days
from tests.world import World, person


def extend(world: World) -> None:
    """Seren is in and has given an hour; somebody else is asked. A proposal and a question are open."""
    world.seren = person("Seren", "Llwyd")  # type: ignore[attr-defined]
    partner = make.DesignPartnerFactory(cycle=world.cycle, user=world.seren)  # type: ignore[attr-defined]
    asked = make.DesignPartnerFactory(cycle=world.cycle, user__given_name="Tomos", joined_at=None)
    proposal = make.ProposalFactory(cycle=world.cycle, by=world.seren)  # type: ignore[attr-defined]
    ProposalComment.objects.create(proposal=proposal, text="Yes, and on Teams.", by=world.rhian, side="staff", at=NOW)
    question = make.DecisionFactory(cycle=world.cycle, number=1)
    decided = make.DecisionFactory(cycle=world.cycle, number=2, decided=True, owner=world.rhian, review_on=TODAY)
    DecisionOption.objects.filter(decision=decided).update(by=world.seren)  # type: ignore[attr-defined]
    document = DesignDocument.objects.create(cycle=world.cycle, kind="role")
    for number, issued_at in ((1, NOW), (2, None)):
        version = DocumentVersion.objects.create(
            document=document, number=number, text=f"# Leaders\n\nVersion {number}", changed_at=NOW,
            issued_at=issued_at, is_current=issued_at is not None,
        )  # fmt: skip
        version.authors.add(world.rhian)
    workshop = DesignWorkshop.objects.create(
        cycle=world.cycle, title="First workshop", on=TODAY, adjustments="A lift.", written_at=NOW
    )
    workshop.came.add(partner)
    world.extra |= {
        "workshop": workshop,
        "design_reply": DesignReply.objects.create(
            cycle=world.cycle,
            you_said="Too late in the day",
            kind="did",
            answer="Earlier.",
            decision=decided,
            written_at=NOW,
            published_at=NOW,
        ),
        "design_partner": partner,
        "design_asked": asked,
        "proposal": proposal,
        "design_question": question,
        "design_decided": decided,
        "design_hours": PartnerHours.objects.create(partner=partner, on=TODAY, minutes=60, logged_at=NOW),
    }


def grow(world: World, times: int) -> None:
    """More partners on both sides, hours, proposals with comments, and entries, one in place of another."""
    for _ in range(times):
        for side in ("student", "staff"):
            make.DesignPartnerFactory(cycle=world.cycle, side=side)
            make.DesignPartnerFactory(cycle=world.cycle, side=side, joined_at=None)
            make.DesignPartnerFactory(cycle=world.cycle, side=side, left_at=NOW)
        PartnerHours.objects.create(partner=world.extra["design_partner"], on=TODAY, minutes=30, logged_at=NOW)
        make.ProposalFactory(cycle=world.cycle)
        for by in (world.rhian, make.UserFactory()):
            ProposalComment.objects.create(
                proposal=world.extra["proposal"], text="Good.", by=by, side="staff", at=in_days(-1)
            )
        last = world.cycle.decisions.count()
        make.DecisionFactory(cycle=world.cycle, number=last + 1)
        earlier = make.DecisionFactory(cycle=world.cycle, number=last + 2, decided=True, owner=make.UserFactory())
        make.DecisionFactory(cycle=world.cycle, number=last + 3, decided=True, supersedes=earlier)
        make.DecisionFactory(
            cycle=world.cycle,
            number=last + 4,
            decided=True,
            owner=world.rhian,
            review_on=TODAY,
            option__by=world.seren,  # type: ignore[attr-defined]
        )
        _more_documents(world)
        _more_said(world)
        other = make.CycleFactory(code="2026-27")
        make.DesignPartnerFactory(cycle=other, user=world.seren)  # type: ignore[attr-defined]
        make.DesignPartnerFactory(cycle=make.CycleFactory(), user=world.seren, joined_at=None)  # type: ignore[attr-defined]


def _more_documents(world: World) -> None:
    """Another kind with a version that holds, signed from both sides; and another signature and author of the first."""
    kinds = [
        kind
        for kind in DocumentKind
        if kind != "mission" and not world.cycle.design_documents.filter(kind=kind).exists()
    ]
    held = DocumentVersion.objects.filter(document__cycle=world.cycle, is_current=True)
    if kinds:
        document = DesignDocument.objects.create(cycle=world.cycle, kind=kinds[0])
        DocumentVersion.objects.create(
            document=document, number=1, text="x", changed_at=NOW, issued_at=NOW, is_current=True
        )
    for version in held:
        for side in ("student", "staff"):
            partner = make.DesignPartnerFactory(cycle=world.cycle, side=side)
            DesignSignature.objects.create(version=version, partner=partner, signed_at=NOW)
            version.authors.add(partner.user)


def _more_said(world: World) -> None:
    """Another workshop, somebody more at the first, and another reply."""
    workshop = DesignWorkshop.objects.create(cycle=world.cycle, title="Next", on=TODAY, written_at=NOW)
    for one in (workshop, world.extra["workshop"]):
        one.came.add(make.DesignPartnerFactory(cycle=world.cycle), make.DesignPartnerFactory(cycle=world.cycle))
    DesignReply.objects.create(
        cycle=world.cycle, you_said="More", kind="could_not", answer="No money.", written_at=NOW, published_at=NOW,
        decision=world.extra["design_decided"],
    )  # fmt: skip


def with_uuid(name: str) -> Any:
    return lambda world: {**cycle(world), "uuid": world.extra[name].uuid}


def entry(name: str) -> Any:
    return lambda world: {**cycle(world), "number": world.extra[name].number}


SEES = {"anonymous": LOGIN, "coordinator": 200, "supervisor": 200, "institution_lead": 200, "student_partner": 200}
SHAPES = {**SEES, "supervisor": 403, "institution_lead": 403}
DECIDES = {**SHAPES, "student_partner": 403}
OWN = {**SHAPES, "coordinator": 403}


def posts(who: dict[str, Any]) -> dict[str, Any]:
    return {name: 302 if status == 200 else status for name, status in who.items()}


def role(world: World) -> dict[str, Any]:
    return {**cycle(world), "kind": "role"}


def mission(world: World) -> dict[str, Any]:
    return {**cycle(world), "kind": "mission"}


QUESTION = {"question": "When do we meet?", "option1": "On Wednesdays", "whose1": "student"}
OUTCOME = {
    "chosen": "1", "decision": "Wednesdays.", "reason": "Most are here.", "student_input": "It was theirs.",
    "decided_on": "2026-11-03",
}  # fmt: skip

WORKSHOP = {"title": "Another", "on": "2026-11-03"}
REPLY = {"you_said": "More rooms", "kind": "could_not", "answer": "There are none."}

ROWS = [
    Row("programmes:design_detail", expect(404, **SEES), kwargs=cycle),
    Row("programmes:partner_answer", expect(404, **posts(OWN)), cycle, "POST", lambda w: {"answer": "yes"}),
    Row("programmes:partner_list", expect(404, **SEES), kwargs=cycle),
    Row("programmes:partner_ask", expect(404, **DECIDES), kwargs=cycle),
    Row("programmes:partner_ask", expect(404, **DECIDES), kwargs=cycle, query="?q=am", note="found"),
    Row(
        "programmes:partner_ask",
        expect(404, **DECIDES),
        cycle,
        query="?who=0d5b4c1e-3a44-4f6a-9c1f-000000000000",
        note="nobody",
    ),
    Row(
        "programmes:partner_ask",
        expect(404, **posts(DECIDES)),
        cycle,
        "POST",
        lambda w: {"who": str(w.ben.uuid), "side": "student"},
    ),
    Row("programmes:partner_change", expect(404, **DECIDES), kwargs=with_uuid("design_partner")),
    Row(
        "programmes:partner_change",
        expect(404, **posts(DECIDES)),
        with_uuid("design_partner"),
        "POST",
        lambda w: {"side": "student", "hours_cap": "20"},
    ),
    Row("programmes:partner_end", expect(404, **posts(DECIDES)), with_uuid("design_asked"), "POST"),
    Row("programmes:design_hours", expect(404, **OWN), kwargs=cycle),
    Row(
        "programmes:design_hours",
        expect(404, **posts(OWN)),
        cycle,
        "POST",
        lambda w: {"on": "2026-11-03", "hours": "1"},
    ),
    Row("programmes:hours_take_back", expect(404, **posts(OWN)), with_uuid("design_hours"), "POST"),
    Row("programmes:proposal_list", expect(404, **SEES), kwargs=cycle),
    Row("programmes:proposal_list", expect(404, **SEES), kwargs=cycle, query="?show=all"),
    Row("programmes:proposal_make", expect(404, **SHAPES), kwargs=cycle),
    Row("programmes:proposal_make", expect(404, **posts(SHAPES)), cycle, "POST", lambda w: {"title": "A", "text": "B"}),
    Row("programmes:proposal_detail", expect(404, **SEES), kwargs=with_uuid("proposal")),
    Row(
        "programmes:proposal_detail",
        expect(404, **posts(SHAPES)),
        with_uuid("proposal"),
        "POST",
        lambda w: {"text": "B"},
    ),
    Row("programmes:proposal_withdraw", expect(404, **posts(SHAPES)), with_uuid("proposal"), "POST"),
    Row("programmes:decision_list", expect(404, **SEES), kwargs=cycle),
    Row("programmes:ledger_export", expect(404, **SEES), kwargs=cycle),
    Row("programmes:decision_put", expect(404, **SHAPES), kwargs=cycle),
    Row("programmes:decision_put", expect(404, **SHAPES), kwargs=cycle, query="?instead=2"),
    Row("programmes:decision_put", expect(404, **posts(SHAPES)), cycle, "POST", lambda w: QUESTION),
    Row("programmes:decision_detail", expect(404, **SEES), kwargs=entry("design_question")),
    Row("programmes:decision_detail", expect(404, **SEES), kwargs=entry("design_decided"), note="decided"),
    Row("programmes:decision_record", expect(404, **DECIDES), kwargs=entry("design_question")),
    Row(
        "programmes:decision_record", expect(404, **posts(DECIDES)), entry("design_question"), "POST", lambda w: OUTCOME
    ),
    Row(
        "programmes:decision_move",
        expect(404, **posts(DECIDES)),
        entry("design_decided"),
        "POST",
        lambda w: {"to": "implemented"},
    ),
    Row("programmes:document_list", expect(404, **SEES), kwargs=cycle),
    Row("programmes:document_detail", expect(404, **SEES), kwargs=role),
    Row("programmes:document_detail", expect(404, **SEES), kwargs=role, query="?version=2"),
    Row("programmes:document_detail", expect(404, **SEES), mission, note="empty"),
    Row("programmes:document_write", expect(404, **SHAPES), kwargs=role),
    Row("programmes:document_write", expect(404, **posts(SHAPES)), mission, "POST", lambda w: {"text": "Ours"}),
    Row("programmes:document_compare", expect(404, **SEES), kwargs=role),
    Row("programmes:document_issue", expect(404, **posts(DECIDES)), role, "POST"),
    Row("programmes:document_sign", expect(404, **posts(OWN)), role, "POST", lambda w: {"version": "1"}),
    Row("programmes:workshop_list", expect(404, **SEES), kwargs=cycle),
    Row("programmes:workshop_detail", expect(404, **SEES), kwargs=with_uuid("workshop")),
    Row("programmes:workshop_plan", expect(404, **DECIDES), kwargs=cycle),
    Row("programmes:workshop_plan", expect(404, **posts(DECIDES)), cycle, "POST", lambda w: WORKSHOP),
    Row("programmes:workshop_write", expect(404, **DECIDES), kwargs=with_uuid("workshop")),
    Row("programmes:workshop_write", expect(404, **posts(DECIDES)), with_uuid("workshop"), "POST", lambda w: WORKSHOP),
    Row("programmes:reply_list", expect(404, **SEES), kwargs=cycle),
    Row("programmes:reply_add", expect(404, **DECIDES), kwargs=cycle),
    Row("programmes:reply_add", expect(404, **posts(DECIDES)), cycle, "POST", lambda w: REPLY),
    Row("programmes:reply_write", expect(404, **DECIDES), kwargs=with_uuid("design_reply")),
    Row("programmes:reply_write", expect(404, **posts(DECIDES)), with_uuid("design_reply"), "POST", lambda w: REPLY),
]

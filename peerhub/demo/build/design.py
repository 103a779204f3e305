"""Who designed the demo's programmes: signatures for all that run, and one programme whose design is under way."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from peerhub.accounts.models import User
from peerhub.demo import design_texts as texts
from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import BATCH, People, stable_uuid
from peerhub.demo.build.programmes import Run
from programmes.models import (
    REQUIRED,
    CycleState,
    Decision,
    DecisionOption,
    DecisionStep,
    DesignDocument,
    DesignPartner,
    DesignReply,
    DesignSignature,
    DesignWorkshop,
    DocumentVersion,
    PartnerHours,
    Proposal,
    ProposalComment,
    Side,
    Waiver,
)

SLUG = "curriculum-partners"


def sign_designs(*, runs: Iterable[Run]) -> None:
    """This year's cycles were signed by a student and a member of staff; of last year's somebody wrote why not."""
    past = [run for run in runs if run.cycle.state == CycleState.CLOSED]
    signed = [run for run in runs if run.cycle.state not in {CycleState.CLOSED, CycleState.DESIGN}]
    Waiver.objects.bulk_create(
        (
            Waiver(
                cycle=run.cycle, check_code="design-signed", reason=texts.WAIVED, by=run.staff[0].user,
                at=run.cycle.created_at + timedelta(days=40),
            )
            for run in past
        ),
        batch_size=BATCH,
    )  # fmt: skip
    partners = DesignPartner.objects.bulk_create(
        (partner for run in signed for partner in _partners(run)), batch_size=BATCH
    )
    documents = DesignDocument.objects.bulk_create(
        (DesignDocument(cycle=run.cycle, kind=kind) for run in signed for kind in REQUIRED), batch_size=BATCH
    )
    versions = DocumentVersion.objects.bulk_create((_version(document) for document in documents), batch_size=BATCH)
    by_cycle: dict[int, list[DesignPartner]] = {}
    for partner in partners:
        by_cycle.setdefault(partner.cycle_id, []).append(partner)
    DesignSignature.objects.bulk_create(
        (
            DesignSignature(version=version, partner=partner, signed_at=version.changed_at + timedelta(days=3))
            for version in versions
            for partner in by_cycle[version.document.cycle_id]
        ),
        batch_size=BATCH,
    )


def _partners(run: Run) -> Iterator[DesignPartner]:
    begun = run.cycle.created_at + timedelta(days=10)
    for side, member in ((Side.STUDENT, run.leaders[0]), (Side.STAFF, run.staff[0])):
        yield DesignPartner(
            uuid=stable_uuid("design-partner", run.programme.slug, run.cycle.code, side),
            cycle=run.cycle, user=member.user, side=side, is_paid=side == Side.STUDENT,
            reward=texts.PAY if side == Side.STUDENT else "", hours_cap=12 if side == Side.STUDENT else None,
            asked_by=run.staff[0].user, asked_at=begun, joined_at=begun + timedelta(days=2),
        )  # fmt: skip


def _version(document: DesignDocument) -> DocumentVersion:
    issued_at = document.cycle.created_at + timedelta(days=30)
    return DocumentVersion(
        uuid=stable_uuid("design-version", document.cycle_id, document.kind),
        document=document, number=1, text=texts.SIGNED[document.kind], changed_at=issued_at, issued_at=issued_at,
        is_current=True,
    )  # fmt: skip


def design_one(*, runs: list[Run], anchor: Anchor, people: People) -> None:
    """Partners, hours, proposals, a ledger and documents of the programme that is in design; Rhian runs it."""
    run = next(run for run in runs if run.programme.slug == SLUG)
    cast = people.cast
    who = {
        "maya": cast["maya"], "amara": cast["amara"], "leila": people.group_b[1], "rhian": cast["rhian"],
        "pat": cast["pat"],
    }  # fmt: skip
    partners = _ask(run, anchor, who, cast["dev"])
    _give_hours(anchor, partners)
    proposals = _propose(run, anchor, who)
    _decide(run, anchor, who, proposals)
    _write(run, anchor, who, partners)
    _meet(run, anchor, partners)
    _answer(runs, anchor)


def _ask(run: Run, anchor: Anchor, who: dict[str, User], asked: User) -> dict[str, DesignPartner]:
    found = {}
    for key, (side, reward, cap, days) in texts.PARTNERS.items():
        at_then = at(anchor.today - timedelta(days=days), 10)
        found[key] = DesignPartner.objects.create(
            uuid=stable_uuid("design-partner", run.programme.slug, key),
            cycle=run.cycle, user=who[key], side=side, is_paid=bool(cap), reward=reward, hours_cap=cap,
            asked_by=who["rhian"], asked_at=at_then, joined_at=at_then + timedelta(hours=26),
        )  # fmt: skip
    DesignPartner.objects.create(
        uuid=stable_uuid("design-partner", run.programme.slug, "dev"),
        cycle=run.cycle, user=asked, side=Side.STUDENT, is_paid=True, reward=texts.PAY, hours_cap=15,
        asked_by=who["rhian"], asked_at=anchor.now - timedelta(hours=20),
    )  # fmt: skip
    return found


def _give_hours(anchor: Anchor, partners: dict[str, DesignPartner]) -> None:
    PartnerHours.objects.bulk_create(
        PartnerHours(
            uuid=stable_uuid("design-hours", key, days), partner=partners[key], on=anchor.today - timedelta(days=days),
            minutes=minutes, what=what, logged_at=at(anchor.today - timedelta(days=days), 17),
        )
        for key, days, minutes, what in texts.HOURS
    )  # fmt: skip


def _propose(run: Run, anchor: Anchor, who: dict[str, User]) -> dict[str, Proposal]:
    found = {}
    for key, (by, days, state, title, text, comments) in texts.PROPOSALS.items():
        made_at = at(anchor.today - timedelta(days=days), 12)
        found[key] = Proposal.objects.create(
            uuid=stable_uuid("proposal", key), cycle=run.cycle, title=title, text=text, state=state, by=who[by],
            side=texts.PARTNERS[by][0], made_at=made_at,
        )  # fmt: skip
        ProposalComment.objects.bulk_create(
            ProposalComment(
                uuid=stable_uuid("proposal-comment", key, number), proposal=found[key], text=said, by=who[name],
                side=texts.PARTNERS[name][0], at=made_at + timedelta(hours=5 * number),
            )
            for number, (name, said) in enumerate(comments, start=1)
        )  # fmt: skip
    return found


def _decide(run: Run, anchor: Anchor, who: dict[str, User], proposals: dict[str, Proposal]) -> None:
    entries: list[Decision] = []
    for number, plan in enumerate(texts.DECISIONS, start=1):
        on = anchor.today - timedelta(days=plan.days)
        entry = Decision.objects.create(
            uuid=stable_uuid("decision", number), cycle=run.cycle, number=number, question=plan.question,
            proposal=proposals[plan.proposal] if plan.proposal else None,
            supersedes=entries[plan.supersedes - 1] if plan.supersedes else None,
            raised_by=who[plan.options[0][0]], raised_at=at(on - timedelta(days=4), 15),
        )  # fmt: skip
        entries.append(entry)
        options = [
            DecisionOption.objects.create(
                decision=entry, position=place, text=text, side=texts.PARTNERS[key][0], by=who[key]
            )
            for place, (key, text) in enumerate(plan.options, start=1)
        ]
        if plan.decision:
            _record(entry, plan, anchor, who, options)


def _record(
    entry: Decision, plan: texts.Entry, anchor: Anchor, who: dict[str, User], options: list[DecisionOption]
) -> None:
    on = anchor.today - timedelta(days=plan.days)
    Decision.objects.filter(pk=entry.pk).update(
        status=plan.status, chosen=options[plan.chosen - 1] if plan.chosen else None, decision=plan.decision,
        reason=plan.reason, student_input=plan.student_input, dissent=plan.dissent, values=list(plan.values),
        decided_on=on, owner=who[plan.owner], review_on=anchor.today + timedelta(days=plan.review_in),
    )  # fmt: skip
    DecisionStep.objects.create(decision=entry, status="decided", by=who["rhian"], at=at(on, 16))
    if plan.status != "decided":
        DecisionStep.objects.create(
            decision=entry, status=plan.status, note=plan.note, by=who[plan.owner], at=at(on + timedelta(days=7), 11)
        )


def _write(run: Run, anchor: Anchor, who: dict[str, User], partners: dict[str, DesignPartner]) -> None:
    for kind, versions in texts.DOCUMENTS.items():
        document = DesignDocument.objects.create(cycle=run.cycle, kind=kind)
        for number, (days, is_issued, note, authors, signers, text) in enumerate(versions, start=1):
            moment = at(anchor.today - timedelta(days=days), 14)
            version = DocumentVersion.objects.create(
                uuid=stable_uuid("design-version", kind, number), document=document, number=number, text=text,
                note=note, changed_at=moment, issued_at=moment if is_issued else None,
                is_current=is_issued and not any(later[1] for later in versions[number:]),
            )  # fmt: skip
            version.authors.set([who[key] for key in authors])
            DesignSignature.objects.bulk_create(
                DesignSignature(version=version, partner=partners[key], signed_at=moment + timedelta(days=1))
                for key in signers
            )


def _meet(run: Run, anchor: Anchor, partners: dict[str, DesignPartner]) -> None:
    for title, days, agenda, outputs, adjustments, came, students, staff in texts.WORKSHOPS:
        on = anchor.today - timedelta(days=days)
        workshop = DesignWorkshop.objects.create(
            uuid=stable_uuid("workshop", title), cycle=run.cycle, title=title, on=on, agenda=agenda, outputs=outputs,
            adjustments=adjustments, other_students=students, other_staff=staff, written_at=at(on, 18),
        )  # fmt: skip
        workshop.came.set([partners[key] for key in came])


def _answer(runs: list[Run], anchor: Anchor) -> None:
    """What students said of two programmes, and what became of it."""
    for slug, replies in texts.REPLIES.items():
        cycle = next(run.cycle for run in runs if run.programme.slug == slug and not run.years_ago)
        for number, (said, kind, answer, decision, is_published) in enumerate(replies, start=1):
            moment = anchor.now - timedelta(days=8 * number)
            DesignReply.objects.create(
                uuid=stable_uuid("design-reply", slug, number), cycle=cycle, you_said=said, kind=kind, answer=answer,
                decision=Decision.objects.get(cycle=cycle, number=decision) if decision else None,
                written_at=moment, published_at=moment if is_published else None,
            )  # fmt: skip

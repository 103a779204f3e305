"""Aberwen opens the ladder that comes with PeerHub: some leaders hold level one, the others see how far they are."""

from datetime import timedelta
from decimal import Decimal

from peerhub.demo.build.anchor import Anchor, at
from peerhub.demo.build.people import People, stable_uuid
from peerhub.demo.build.training import SLUG
from peerhub.demo.training_texts import COVERS, LOG
from programmes.models import Cycle, Membership, Role
from training.models import CertificationAward, CertificationScheme, CertificationTopic, DevelopmentEntry, Module
from training.queries.certification import standings_of
from training.services.certification import evidence_of

MOST_AWARDS = 3
LOOKED_AT = 12


def certify_leaders(*, anchor: Anchor, people: People) -> None:
    """Open the scheme, say which modules cover its topics, let leaders write logs, and grant who meets level one."""
    scheme = CertificationScheme.objects.get(levels__topics__title="Referring on")
    scheme.closed_at, scheme.counts_log = None, True
    scheme.save(update_fields=["closed_at", "counts_log"])
    _cover(scheme)
    cycle = Cycle.objects.select_related("programme").get(programme__slug=SLUG, code=anchor.year_code())
    leaders = Membership.objects.active().filter(cycle=cycle, role=Role.LEADER).select_related("user").order_by("pk")
    amara = people.cast["amara"]
    others = [one for one in leaders if one.user_id != amara.pk][:LOOKED_AT]
    for one in leaders:
        if one.user_id == amara.pk:
            _log(one, anchor)
    _help_out(others, anchor)
    _grant(scheme, others, cycle, anchor, people)


def _cover(scheme: CertificationScheme) -> None:
    modules = {key: Module.objects.get(uuid=stable_uuid("module", key)) for key in COVERS}
    topics = {one.title: one for one in CertificationTopic.objects.filter(level__scheme=scheme)}
    for key, titles in COVERS.items():
        for title in titles:
            topics[title].modules.add(modules[key])


def _log(member: Membership, anchor: Anchor) -> None:
    """Amara writes for herself, and shares what she wants to talk about."""
    DevelopmentEntry.objects.bulk_create(
        DevelopmentEntry(
            uuid=stable_uuid("log", what),
            user_id=member.user_id,
            on=anchor.today - timedelta(days=ago),
            what=what,
            kind=kind,
            hours=Decimal(hours),
            learned=learned,
            will_do=will_do,
            shared_with=member if is_shared else None,
            created_at=at(anchor.today - timedelta(days=ago), 18),
        )
        for ago, what, kind, hours, learned, will_do, is_shared in LOG
    )


def _help_out(leaders: list[Membership], anchor: Anchor) -> None:
    """The others led at the summer school."""
    DevelopmentEntry.objects.bulk_create(
        DevelopmentEntry(
            uuid=stable_uuid("summer", member.uuid, day),
            user_id=member.user_id,
            on=anchor.year_start() - timedelta(days=60 + day),
            what="Summer school: study groups for those who start in autumn",
            kind="practice",
            hours=Decimal(7),
            learned="People who do not know each other need ten minutes before they say what they do not know.",
            shared_with=member,
            created_at=at(anchor.year_start() - timedelta(days=30), 12),
        )
        for member in leaders
        for day in range(2)
    )


def _grant(
    scheme: CertificationScheme, leaders: list[Membership], cycle: Cycle, anchor: Anchor, people: People
) -> None:
    """Level one to the first who meet it; there is always one more who could be granted it."""
    met = []
    for member in leaders:
        standing = standings_of(member.user, now=anchor.now, scheme=scheme)[0]
        if standing.levels[0].is_met:
            met.append((member, standing))
    for member, standing in met[1 : MOST_AWARDS + 1]:
        day = anchor.today - timedelta(days=6)
        CertificationAward.objects.create(
            uuid=stable_uuid("award", member.uuid),
            user_id=member.user_id,
            level=standing.levels[0].level,
            cycle=cycle,
            granted_on=day,
            granted_by=people.cast["rhian"],
            granted_at=at(day, 15),
            evidence=evidence_of(standing, standing.levels[0]),
        )

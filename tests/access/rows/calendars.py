"""Private calendar links, and one session as a file. Feeds are open by their link only, to whoever has it."""

from programmes.models import CalendarFeed
from programmes.models.calendars import digest_of
from tests import factories as make
from tests.access.matrix import LOGIN, PERSONAS, Row, expect
from tests.access.rows.delivery import SEES, session
from tests.factories import NOW
from tests.world import World

BENS, GROUPS = "bens-own-token-of-thirty-two-bytes-made-up", "bens-token-to-his-group"
WRITES = "notes, once an hour, that a calendar has read it"


def extend(world: World) -> None:
    """Ben has links to everything and to his group; Amara has one to everything."""
    for user, group, token in ((world.ben, None, BENS), (world.ben, world.group, GROUPS), (world.amara, None, "hers")):
        CalendarFeed.objects.create(user=user, group=group, token_digest=digest_of(token), made_at=NOW)


def grow(world: World, times: int) -> None:
    """More groups that Ben is in, each with a link."""
    for _ in range(times):
        group = make.GroupFactory(cycle=world.cycle)
        make.GroupMemberFactory(group=group, membership=world.memberships["ben"])
        digest = digest_of(f"group {group.pk}")
        CalendarFeed.objects.create(user=world.ben, group=group, token_digest=digest, made_at=NOW)


OWN = expect(200, anonymous=LOGIN)
STOPS = expect(302, anonymous=LOGIN)
OF_GROUP = expect(404, anonymous=LOGIN, participant=200, leader=200, coordinator=200, supervisor=200)
EVERYBODY = dict.fromkeys(PERSONAS, 200)

ROWS = [
    Row("programmes:calendar_list", OWN),
    Row("programmes:calendar_make", OWN, method="POST", data=lambda w: {"language": "cy"}),
    Row(
        "programmes:calendar_make",
        OF_GROUP,
        method="POST",
        data=lambda w: {"group": str(w.group.uuid)},
        note="of a group",
    ),
    Row("programmes:calendar_stop", STOPS, method="POST"),
    Row(
        "programmes:calendar_stop",
        STOPS,
        method="POST",
        data=lambda w: {"group": str(w.group.uuid)},
        note="one's own, of a group",
    ),
    Row("programmes:calendar_feed", EVERYBODY, kwargs=lambda w: {"token": BENS}, writes=True, note=WRITES),
    Row("programmes:calendar_feed", EVERYBODY, kwargs=lambda w: {"token": GROUPS}, writes=True, note="of a group"),
    Row("programmes:calendar_feed", expect(404), kwargs=lambda w: {"token": "wrong"}, note="a wrong link"),
    Row("programmes:session_calendar", expect(404, **SEES), kwargs=session("upcoming")),
]

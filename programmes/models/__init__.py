"""The spine's rows, a file per aggregate."""

from programmes.models.activity_types import ActivityType, Context, Shape
from programmes.models.announcements import Announcement, AnnouncementRecipient, Audience
from programmes.models.calendars import CalendarFeed, CalendarLanguage
from programmes.models.check_ins import CheckIn, CheckInHow
from programmes.models.closings import ClosingAnswer, EndedHow, Ending, Feeling, RematchRequest, RematchState
from programmes.models.covers import CoverRequest, CoverState
from programmes.models.cycles import CADENCE, AttendanceMode, BoundaryReferral, Cycle, CycleState, JoinPolicy, Waiver
from programmes.models.groups import Group, GroupMember
from programmes.models.kiosks import Kiosk, KioskKind
from programmes.models.logs import LogRevision, SessionLog, Technique, Topic
from programmes.models.memberships import (
    HOLDS_PLACE,
    STILL_HERE,
    Invitation,
    InvitationBatch,
    InvitationStatus,
    InviteLink,
    Membership,
    MembershipStatus,
    Role,
)
from programmes.models.programmes import Level, Programme, Value, Visibility
from programmes.models.queues import LIVE, UNSERVED, DropIn, QueueEntry, QueueHow, QueueState
from programmes.models.rosters import (
    ImportState,
    JournalAction,
    RosterImport,
    RosterJournal,
    RosterKind,
    RosterMapping,
)
from programmes.models.series import (
    DAY_MINUTES,
    LONGEST_MINUTES,
    SeriesLeader,
    SeriesPattern,
    SeriesStop,
    SessionSeries,
)
from programmes.models.sessions import (
    LOGGED,
    Attendance,
    AttendanceStatus,
    Channel,
    Mode,
    RecordedBy,
    Session,
    SessionKind,
    SessionLeader,
    SessionStatus,
)
from programmes.models.unit_figures import UnitReach, UnitWeek

__all__ = [
    "CADENCE",
    "DAY_MINUTES",
    "HOLDS_PLACE",
    "LIVE",
    "LOGGED",
    "LONGEST_MINUTES",
    "STILL_HERE",
    "UNSERVED",
    "ActivityType",
    "Announcement",
    "AnnouncementRecipient",
    "Attendance",
    "AttendanceMode",
    "AttendanceStatus",
    "Audience",
    "BoundaryReferral",
    "CalendarFeed",
    "CalendarLanguage",
    "Channel",
    "CheckIn",
    "CheckInHow",
    "ClosingAnswer",
    "Context",
    "CoverRequest",
    "CoverState",
    "Cycle",
    "CycleState",
    "DropIn",
    "EndedHow",
    "Ending",
    "Feeling",
    "Group",
    "GroupMember",
    "ImportState",
    "Invitation",
    "InvitationBatch",
    "InvitationStatus",
    "InviteLink",
    "JoinPolicy",
    "JournalAction",
    "Kiosk",
    "KioskKind",
    "Level",
    "LogRevision",
    "Membership",
    "MembershipStatus",
    "Mode",
    "Programme",
    "QueueEntry",
    "QueueHow",
    "QueueState",
    "RecordedBy",
    "RematchRequest",
    "RematchState",
    "Role",
    "RosterImport",
    "RosterJournal",
    "RosterKind",
    "RosterMapping",
    "SeriesLeader",
    "SeriesPattern",
    "SeriesStop",
    "Session",
    "SessionKind",
    "SessionLeader",
    "SessionLog",
    "SessionSeries",
    "SessionStatus",
    "Shape",
    "Technique",
    "Topic",
    "UnitReach",
    "UnitWeek",
    "Value",
    "Visibility",
    "Waiver",
]

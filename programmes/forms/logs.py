"""The log form: a phone's register and a few optional words, turned into a `LogEntry`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from peerhub.common.keys import is_key, uuid_of
from programmes.models import LOGGED, AttendanceStatus, Session, SessionStatus
from programmes.queries.register import CAME, NEWCOMER, Listed
from programmes.services.logs import LogEntry

HERE = "here"
ENTERED = "entered"
MARK = "mark-"
MARKS = (AttendanceStatus.LATE, AttendanceStatus.EXCUSED)
KINDS = ("academic", "social", "emotional")


class KeyField(forms.TypedMultipleChoiceField):
    """Chosen keys. That they are offered is the use case's to check: it reads them anyway."""

    def __init__(self) -> None:
        super().__init__(coerce=int, required=False)

    def valid_value(self, value: Any) -> bool:
        return is_key(str(value))


class LogForm(forms.Form):
    """What a leader posts. The register's ticks are read by name, not as fields: there may be any number."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    recorded_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("What happened?"),
        choices=[(one, one.label) for one in (SessionStatus.HELD, SessionStatus.NOBODY_CAME, SessionStatus.NOT_HELD)],
        required=False,
    )
    status_note = forms.CharField(label=_("Why did it not happen?"), max_length=240, required=False)
    support = forms.MultipleChoiceField(choices=[(one, one) for one in KINDS], required=False)
    topic = KeyField()
    other_topic = forms.CharField(label=_("Something else"), max_length=120, required=False)
    signposted = forms.ChoiceField(choices=[("no", "no"), ("yes", "yes")], required=False)
    service = forms.IntegerField(label=_("Which service?"), required=False)
    technique = forms.IntegerField(label=_("How did you work?"), required=False)
    minutes = forms.IntegerField(label=_("Length in minutes"), min_value=1, max_value=1440, required=False)
    shared_note = forms.CharField(label=_("Note for the programme team"), max_length=500, required=False)
    private_reflection = forms.CharField(label=_("Private reflection"), max_length=4000, required=False)
    reason = forms.CharField(label=_("Why do you change it?"), max_length=240, required=False)

    def clean_outcome(self) -> str:
        return self.cleaned_data["outcome"] or SessionStatus.HELD

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("outcome") == SessionStatus.NOT_HELD and not cleaned.get("status_note"):
            self.add_error("status_note", _("Say in a few words why it did not happen."))
        if cleaned.get("signposted") == "yes" and not cleaned.get("service"):
            self.add_error("service", _("Choose the service, or answer “No”."))
        return cleaned

    def entry(self) -> LogEntry:
        """What the form says, for the use case."""
        said = self.cleaned_data
        not_held = said["outcome"] == SessionStatus.NOT_HELD
        return LogEntry(
            outcome=said["outcome"],
            version=said["version"],
            marks=posted_marks(self.data),
            entered=posted_entered(self.data),
            newcomers=posted_newcomers(self.data),
            minutes=said["minutes"],
            is_academic="academic" in said["support"],
            is_social="social" in said["support"],
            is_emotional="emotional" in said["support"],
            topic_ids=frozenset(said["topic"]),
            other_topic=said["other_topic"],
            technique_id=said["technique"],
            service_id=said["service"] if said["signposted"] == "yes" else None,
            shared_note=said["shared_note"],
            private_reflection=said["private_reflection"],
            status_note=said["status_note"] if not_held else "",
            reason=said["reason"],
            recorded_at=said["recorded_at"],
        )


def posted_marks(data: Any) -> dict[UUID, str]:
    """Membership uuid to here, late or excused, from a QueryDict. A tick means here; the second control comes first,
    but where a check-in suggested "late", taking the tick away is enough.
    """
    marks: dict[UUID, str] = {key: str(AttendanceStatus.PRESENT) for key in _uuids(data.getlist(HERE))}
    unticked = posted_entered(data) - set(marks)
    for name in data:
        if name.startswith(MARK) and data[name] in MARKS:
            keys = _uuids([name.removeprefix(MARK)])
            if data[name] != AttendanceStatus.LATE or not unticked & set(keys):
                marks.update(dict.fromkeys(keys, str(data[name])))
    return marks


def posted_entered(data: Any) -> frozenset[UUID]:
    """Those whose check-in was on the sheet: whoever came in since is not among them."""
    return frozenset(_uuids(data.getlist(ENTERED)))


def posted_newcomers(data: Any) -> list[UUID]:
    """Accounts to take in, as `find_walk_ins` offered them."""
    return _uuids(value.removeprefix(NEWCOMER) for value in data.getlist(HERE) if value.startswith(NEWCOMER))


def _uuids(values: Iterable[str]) -> list[UUID]:
    return [key for value in values if (key := uuid_of(value))]


def initial_of(session: Session, *, viewer: Any) -> dict[str, Any]:
    """How the form opens: empty with the planned length, or as the log says (its topics come with the choices)."""
    planned = int((session.ends_at - session.starts_at).total_seconds() // 60)
    start: dict[str, Any] = {
        "version": session.log_version,
        "outcome": SessionStatus.HELD,
        "minutes": min(planned, 1440),
    }
    if session.status not in LOGGED:
        return start
    start |= {"outcome": session.status, "status_note": session.status_note}
    log = getattr(session, "log", None)
    if log is None:
        return start
    start |= {
        "minutes": log.minutes or start["minutes"],
        "support": [one for one in KINDS if getattr(log, f"is_{one}")],
        "signposted": "yes" if log.signposted_to_id else "no",
        "service": log.signposted_to_id,
        "technique": log.technique_id,
    }
    start |= {name: getattr(log, name) for name in ("other_topic", "shared_note")}
    if log.author_id == viewer.pk:
        start["private_reflection"] = log.private_reflection
    return start


def marks_of(people: Iterable[Listed]) -> dict[UUID, str]:
    """What the register says now, in the shape of `posted_marks`."""
    return {one.uuid: one.status for one in people if one.status in {*CAME, AttendanceStatus.EXCUSED}}

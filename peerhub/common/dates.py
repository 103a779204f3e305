"""Dates and times as people say them: "Friday 13 November", "14:00", "14:00 to 15:00", "40 minutes ago".

Aware datetimes are shown in the active time zone. The order of the parts is translated with the words.
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

Moment = date | datetime | None


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _date(value: date | datetime) -> date:
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


def day(value: Moment) -> str:
    """Friday 13 November."""
    return date_format(_local(value), pgettext("date format: Friday 13 November", "l j F")) if value else ""


def short_day(value: Moment) -> str:
    """Fri 13 Nov."""
    return date_format(_local(value), pgettext("date format: Fri 13 Nov", "D j M")) if value else ""


def day_month(value: Moment) -> str:
    """13 November."""
    return date_format(_local(value), pgettext("date format: 13 November", "j F")) if value else ""


def long_day(value: Moment) -> str:
    """13 November 2026."""
    return date_format(_local(value), pgettext("date format: 13 November 2026", "j F Y")) if value else ""


def clock(value: Moment) -> str:
    """14:00. A date without a time is midnight, which is never what anyone means: it is refused."""
    if value and not isinstance(value, datetime):
        raise TypeError("A date has no time of day.")
    return date_format(_local(value), pgettext("time format: 14:00", "H:i")) if value else ""


def when(value: Moment, now: datetime | None = None) -> str:
    """Today, 14:00; Tomorrow, 14:00; Friday 13 November, 14:00. For a date, without the time."""
    if not value:
        return ""
    away = (_date(value) - timezone.localdate(now)).days
    named = {-1: _("Yesterday"), 0: _("Today"), 1: _("Tomorrow")}.get(away) or day(value)
    if not isinstance(value, datetime):
        return named
    return pgettext("a day, a time", "%(day)s, %(time)s") % {"day": named, "time": clock(value)}


def _days_span(start: date, end: date) -> str:
    if start == end:
        return long_day(start)
    if start.year != end.year:
        first = long_day(start)
    elif start.month != end.month:
        first = day_month(start)
    else:
        first = date_format(start, pgettext("date format: 13, in 13 to 20 November", "j"))
    return _("%(start)s to %(end)s") % {"start": first, "end": long_day(end)}


def span(start: Moment, end: Moment) -> str:
    """14:00 to 15:00. Over several days both days are named; two dates give 13 to 20 November 2026."""
    if not start or not end:
        return ""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return _days_span(_date(start), _date(end))
    if _date(start) == _date(end):
        return _("%(start)s to %(end)s") % {"start": clock(start), "end": clock(end)}
    words = pgettext("a day, a time", "%(day)s, %(time)s")
    first, last = ({"day": day(one), "time": clock(one)} for one in (start, end))
    return _("%(start)s to %(end)s") % {"start": words % first, "end": words % last}


def occasion(start: Moment, end: Moment) -> str:
    """Friday 13 November, 14:00 to 15:00; over several days both are named once."""
    if not start or not end:
        return ""
    if _date(start) != _date(end):
        return span(start, end)
    return pgettext("a day, a time", "%(day)s, %(time)s") % {"day": day(start), "time": span(start, end)}


def _days_ago(away: int) -> str:
    """`away` in days: negative is past."""
    if away in (-1, 0, 1):
        return {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}[away]
    if away < 0:
        return ngettext("%(count)s day ago", "%(count)s days ago", -away) % {"count": -away}
    return ngettext("in %(count)s day", "in %(count)s days", away) % {"count": away}


def ago(value: Moment) -> str:
    """40 minutes ago, in 3 days, just now. A date is counted in days: yesterday, today, 3 days ago."""
    if not value:
        return ""
    if not isinstance(value, datetime):
        return _days_ago((value - timezone.localdate()).days)
    now = timezone.now()
    if abs((now - value).total_seconds()) < 60:
        return _("just now")
    if value > now:
        return _("in %(time)s") % {"time": timesince(now, value, depth=1)}
    return _("%(time)s ago") % {"time": timesince(value, now, depth=1)}

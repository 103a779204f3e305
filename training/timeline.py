"""How stage 2's actions read on a cycle's timeline.

Steps of single applications have no sentence on purpose: a timeline names who did what, and who applied is hidden.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from peerhub.common import timeline
from peerhub.common.models import AuditEvent
from training.models import Handbook


def _handbook_titles(keys: Sequence[str]) -> Mapping[str, str]:
    return {str(pk): title for pk, title in Handbook.objects.filter(pk__in=keys).values_list("pk", "title")}


def _version(event: AuditEvent) -> dict[str, Any]:
    return {"version": event.detail.get("version", "")}


timeline.say("training.round_published", _("The advert for leaders was published"), icon="megaphone")
timeline.say("training.round_extended", _("Applications stay open longer"), icon="clock")
timeline.say("training.shortlist_decided", _("The shortlist was decided"), icon="list-check")
timeline.say(
    "training.identities_revealed",
    _("Names on the shortlist were shown: %(count)s"),
    icon="eye",
    values=lambda event: {"count": event.detail.get("count", "")},
)

timeline.name_targets("training.handbook", _handbook_titles)
for _action, _text, _icon in (
    ("handbook_created", _("“%(target)s” was begun"), "book"),
    ("handbook_draft_started", _("A new version of “%(target)s” was begun"), "pencil"),
    ("handbook_published", _("“%(target)s” was published: version %(version)s"), "send"),
    ("handbook_nudged", _("Those who had not read “%(target)s” were asked to"), "bell"),
    ("briefing_noted", _("“%(target)s” was given"), "check2-square"),
):
    timeline.say(f"training.{_action}", _text, icon=_icon, values=_version)
# --- training ---
timeline.say("training.curriculum_changed", _("What leaders need before they lead was changed"), icon="mortarboard")
timeline.say("training.terms_changed", _("Whether leading is paid was changed"), icon="cash-coin")
timeline.say("training.round_finished", _("The recruitment round was finished"), icon="check-lg")

"""The parts of stage 2 in a workspace: one tab, and below it the pages this person may open."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from peerhub.common.access import can
from peerhub.common.stages import Text

TAB = "prepare"
# Key, words, the page it opens, who may.
PARTS = (
    ("recruitment", _("Recruitment"), "training:recruitment", "training.find_recruitment"),
    ("fairness", _("Fairness"), "training:fairness_show", "training.find_fairness"),
    ("training", _("Training"), "training:board", "training.view_board"),
    ("handbook", _("Handbook"), "training:handbook_desk", "training.view_handbook_desk"),
    ("readiness", _("Who is ready"), "training:readiness", "training.view_readiness"),
)


@dataclass(frozen=True, slots=True)
class Part:
    key: str
    label: Text
    url: str


def parts_for(user: Any, cycle: Any) -> list[Part]:
    """The parts of this cycle that `user` may open, in order. Loads nothing but who they are."""
    found = []
    for key, label, name, permission in PARTS:
        if can(user, permission, cycle):
            try:
                found.append(Part(key, label, reverse(name, args=[cycle.programme.slug, cycle.code])))
            except NoReverseMatch:
                continue
    return found

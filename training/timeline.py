"""How stage 2's actions read on a cycle's timeline.

Steps of single applications have no sentence on purpose: a timeline names who did what, and who applied is hidden.
"""

from django.utils.translation import gettext_lazy as _

from peerhub.common import timeline

timeline.say("training.round_published", _("The advert for leaders was published"), icon="megaphone")
timeline.say("training.round_extended", _("Applications stay open longer"), icon="clock")
timeline.say("training.shortlist_decided", _("The shortlist was decided"), icon="list-check")
timeline.say(
    "training.identities_revealed",
    _("Names on the shortlist were shown: %(count)s"),
    icon="eye",
    values=lambda event: {"count": event.detail.get("count", "")},
)

"""The 21 activity types of the Peer-to-Peer Framework (table 1), as data an administrator may extend."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Context(models.TextChoices):
    """Where in the student experience a programme lives. Every programme has exactly one."""

    EMBEDDED = "embedded", _("Curriculum-embedded")
    CO_CURRICULAR = "co", _("Co-curricular")
    EXTRA_CURRICULAR = "extra", _("Extra-curricular")


class Shape(models.TextChoices):
    GROUP = "group", _("Groups")
    PAIR = "pair", _("Pairs")


class Words(models.Model):
    """Local words. Empty means: as the activity type says; there they are never empty."""

    leader_word = models.CharField(_("word for one leader"), max_length=40, blank=True)
    leaders_word = models.CharField(_("word for leaders"), max_length=40, blank=True)
    participant_word = models.CharField(_("word for one participant"), max_length=40, blank=True)
    participants_word = models.CharField(_("word for participants"), max_length=40, blank=True)
    session_word = models.CharField(_("word for one session"), max_length=40, blank=True)
    sessions_word = models.CharField(_("word for sessions"), max_length=40, blank=True)

    class Meta:
        abstract = True


class ActivityType(Words):
    """One kind of peer learning, with its defaults."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("in one sentence"), max_length=240, blank=True)
    family = models.CharField(
        _("family"), max_length=40, blank=True, help_text=_("Groups types in the catalogue's filter.")
    )
    context = models.CharField(_("default context"), max_length=10, choices=Context)
    shape = models.CharField(_("shape"), max_length=5, choices=Shape, default=Shape.GROUP)
    default_ratio = models.PositiveSmallIntegerField(_("participants per leader"), default=10)
    default_cadence_days = models.PositiveSmallIntegerField(_("days between contacts"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    members_see_each_other = models.BooleanField(
        _("members see who else is in their group"),
        default=True,
        help_text=_("Off for communities where being in is itself private."),
    )
    is_framework = models.BooleanField(_("from the framework"), default=False, editable=False)
    is_active = models.BooleanField(_("offered for new programmes"), default=True)

    class Meta:
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")
        constraints = [
            models.CheckConstraint(name="activity_type_context_known", condition=Q(context__in=Context.values)),
            models.CheckConstraint(name="activity_type_shape_known", condition=Q(shape__in=Shape.values)),
        ]

    def __str__(self) -> str:
        return self.name

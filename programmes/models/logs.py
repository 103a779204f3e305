"""The log: a leader's 30 seconds, with the words it may use and everything it said before a correction."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import SupportService
from programmes.models.programmes import Programme
from programmes.models.sessions import Session


class Topic(models.Model):
    """A topic a programme's sessions work on. Topics are switched off, never deleted: old logs keep theirs."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="topics")
    name = models.CharField(_("topic"), max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [models.UniqueConstraint(fields=["programme", "name"], name="topic_once")]

    def __str__(self) -> str:
        return self.name


class Technique(models.Model):
    """A way of working together in a session (think-pair-share, jigsaw, ...), a shared vocabulary."""

    name = models.CharField(_("technique"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("technique")
        verbose_name_plural = _("techniques")

    def __str__(self) -> str:
        return self.name


class SessionLog(models.Model):
    """What a leader says of a session. `private_reflection` is the author's alone;
    `shared_note` is read by the programme team.
    """

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="log")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="session_logs"
    )
    minutes = models.PositiveSmallIntegerField(_("length in minutes"))
    is_academic = models.BooleanField(_("academic"), default=False)
    is_social = models.BooleanField(_("social"), default=False)
    is_emotional = models.BooleanField(_("emotional"), default=False)
    topics = models.ManyToManyField(Topic, blank=True, related_name="+")
    other_topic = models.CharField(_("something else"), max_length=120, blank=True)
    technique = models.ForeignKey(Technique, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signposted_to = models.ForeignKey(SupportService, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    shared_note = models.CharField(_("note for the programme team"), max_length=500, blank=True)
    private_reflection = models.TextField(_("private reflection"), blank=True)
    logged_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="log_minutes_sane", condition=Q(minutes__lte=1440))]

    def __str__(self) -> str:
        return f"log of {self.session_id}"


class LogRevision(models.Model):
    """What register and log said before a correction. The private reflection is never copied here."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=240, blank=True)
    before = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.session_id}"

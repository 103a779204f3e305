"""Workshops of a design, and what is said back to students: you said, we did, we couldn't because."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import Cycle
from programmes.models.decisions import Decision
from programmes.models.partners import DesignPartner


class DesignWorkshop(models.Model):
    """One meeting of the design. What people needed to take part is for those who coordinate alone."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="workshops")
    title = models.CharField(_("title"), max_length=140)
    on = models.DateField(_("day"))
    agenda = models.TextField(_("agenda"), max_length=2000, blank=True)
    outputs = models.TextField(_("what came of it"), max_length=4000, blank=True)
    adjustments = models.TextField(_("adjustments for access (private)"), max_length=1000, blank=True)
    came = models.ManyToManyField(DesignPartner, blank=True, related_name="workshops", verbose_name=_("partners there"))
    other_students = models.PositiveSmallIntegerField(_("other students there"), default=0)
    other_staff = models.PositiveSmallIntegerField(_("other staff there"), default=0)
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("design workshop")
        verbose_name_plural = _("design workshops")
        indexes = [models.Index(fields=["cycle", "on"], name="workshop_by_day")]

    def __str__(self) -> str:
        return self.title


class ReplyKind(models.TextChoices):
    DID = "did", _("We did")
    COULD_NOT = "could_not", _("We couldn’t, because")


class DesignReply(models.Model):
    """What students said, and what became of it. On the programme's page once it is published."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="replies")
    you_said = models.CharField(_("you said"), max_length=240)
    kind = models.CharField(_("what became of it"), max_length=9, choices=ReplyKind)
    answer = models.CharField(_("what we did, or why we could not"), max_length=400)
    decision = models.ForeignKey(Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    written_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("reply to students")
        verbose_name_plural = _("replies to students")
        constraints = [
            models.CheckConstraint(name="design_reply_kind_known", condition=Q(kind__in=ReplyKind.values)),
            models.CheckConstraint(name="design_reply_has_words", condition=~Q(you_said="") & ~Q(answer="")),
        ]
        indexes = [models.Index(fields=["cycle", "published_at"], name="design_reply_by_published")]

    def __str__(self) -> str:
        return self.you_said

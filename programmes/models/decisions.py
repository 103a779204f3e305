"""Proposals, what was said of them, and the ledger of decisions: numbered, append-only, corrected by superseding.

Once an entry is decided the database refuses other words in it (the triggers of migration 0029); who owns it, when it
is looked at again and how far it has come go on.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.models.cycles import Cycle
from programmes.models.partners import Side


class ProposalState(models.TextChoices):
    OPEN = "open", _("Open")
    TAKEN_UP = "taken_up", _("Taken up in the ledger")
    WITHDRAWN = "withdrawn", _("Taken back")


class Proposal(models.Model):
    """An idea for the design, by anybody in the partnership."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="proposals")
    title = models.CharField(_("in one line"), max_length=140)
    text = models.TextField(_("what you propose, and why"), max_length=4000)
    state = models.CharField(_("state"), max_length=9, choices=ProposalState, default=ProposalState.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    side = models.CharField(_("side"), max_length=7, choices=Side)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.CheckConstraint(name="proposal_state_known", condition=Q(state__in=ProposalState.values)),
            models.CheckConstraint(name="proposal_side_known", condition=Q(side__in=Side.values)),
        ]
        indexes = [models.Index(fields=["cycle", "state", "made_at"], name="proposal_by_state")]

    def __str__(self) -> str:
        return self.title


class ProposalComment(models.Model):
    """A word on a proposal."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(_("comment"), max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    side = models.CharField(_("side"), max_length=7, choices=Side)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("comment on a proposal")
        verbose_name_plural = _("comments on proposals")
        constraints = [models.CheckConstraint(name="proposal_comment_side_known", condition=Q(side__in=Side.values))]

    def __str__(self) -> str:
        return str(self.uuid)


class DecisionStatus(models.TextChoices):
    """Worked through in this order; what was decided may also be reversed."""

    PROPOSED = "proposed", _("To be decided")
    DECIDED = "decided", _("Decided")
    IMPLEMENTED = "implemented", _("Put into practice")
    REVIEWED = "reviewed", _("Reviewed")
    REVERSED = "reversed", _("Reversed")


class Decision(models.Model):
    """One entry of a cycle's ledger: a question, what was considered, what was decided and how students changed it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField(_("number"))
    status = models.CharField(_("status"), max_length=11, choices=DecisionStatus, default=DecisionStatus.PROPOSED)
    question = models.CharField(_("question"), max_length=240)
    proposal = models.ForeignKey(
        Proposal, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("proposal")
    )
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    chosen = models.ForeignKey(
        "DecisionOption", null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("chosen")
    )
    decision = models.TextField(_("decision"), max_length=2000, blank=True)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    student_input = models.TextField(_("how student input changed it"), max_length=2000, blank=True)
    dissent = models.TextField(_("dissent"), max_length=2000, blank=True)
    values = models.JSONField(_("values it serves"), default=list, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    review_on = models.DateField(_("look at it again on"), null=True, blank=True)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    raised_at = models.DateTimeField()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="decision_number_once"),
            models.CheckConstraint(name="decision_number_positive", condition=Q(number__gt=0)),
            models.CheckConstraint(name="decision_status_known", condition=Q(status__in=DecisionStatus.values)),
            models.CheckConstraint(
                name="decision_decided_says_what",
                condition=Q(status="proposed", decided_on=None)
                | (
                    ~Q(status="proposed")
                    & ~Q(decision="")
                    & ~Q(reason="")
                    & ~Q(student_input="")
                    & Q(decided_on__isnull=False)
                ),
            ),
        ]
        indexes = [models.Index(fields=["review_on"], name="decision_by_review")]

    def __str__(self) -> str:
        return f"{self.number}"


class DecisionOption(models.Model):
    """Something that was considered, and whose idea it was."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="options")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("option"), max_length=400)
    side = models.CharField(_("proposed by"), max_length=7, choices=Side)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")
        constraints = [
            models.UniqueConstraint(fields=["decision", "position"], name="decision_option_in_order"),
            models.CheckConstraint(name="decision_option_side_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(name="decision_option_has_text", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text


class DecisionStep(models.Model):
    """How an entry went on after it was put: when, by whom, with a word."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="steps")
    status = models.CharField(_("status"), max_length=11, choices=DecisionStatus)
    note = models.CharField(_("note"), max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("step of a decision")
        verbose_name_plural = _("steps of decisions")
        constraints = [
            models.CheckConstraint(name="decision_step_status_known", condition=Q(status__in=DecisionStatus.values))
        ]

    def __str__(self) -> str:
        return self.status

"""A programme: what persists over the years."""

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.lookups import StartsWith
from django.utils.translation import gettext_lazy as _

from peerhub.common.folding import fold
from peerhub.institution.models import GrantRole, OrgUnit, RoleGrant
from programmes.models.activity_types import ActivityType, Context, Words


class Value(models.TextChoices):
    """The framework's ten values, in its order (Chilvers and McConnell, Advance HE, 2025)."""

    EMPOWERING = "empowering", _("Empowering")
    DEVELOPMENTAL = "developmental", _("Developmental")
    COLLABORATIVE = "collaborative", _("Collaborative")
    EXPLORATORY = "exploratory", _("Exploratory")
    ACCOUNTABLE = "accountable", _("Accountable")
    RESPECTFUL = "respectful", _("Respectful")
    INCLUSIVE = "inclusive", _("Inclusive")
    RECIPROCAL = "reciprocal", _("Reciprocal")
    COMPASSIONATE = "compassionate", _("Compassionate")
    MOTIVATIONAL = "motivational", _("Motivational")


class Level(models.TextChoices):
    """The levels at which provision is planned and reviewed (framework, 1.3)."""

    INSTITUTION = "institution", _("Institution")
    FACULTY = "faculty", _("Faculty")
    DEPARTMENT = "department", _("Department")
    COURSE = "course", _("Course")
    PROJECT = "project", _("Project or service")


class Visibility(models.TextChoices):
    DRAFT = "draft", _("Draft: only those who run it")
    INSTITUTION = "institution", _("People signed in")
    PUBLIC = "public", _("Everyone")
    PRIVATE = "private", _("Only its members")


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def listed(self, user: Any) -> "ProgrammeQuerySet":
        """What the catalogue shows `user`: public ones, and when signed in those for the institution."""
        shown = [Visibility.PUBLIC, *([Visibility.INSTITUTION] if user.is_authenticated else [])]
        return self.filter(visibility__in=shown, archived_at=None)

    def run_by(self, user: Any) -> "ProgrammeQuerySet":
        """Programmes whose workspace `user` may open:
        coordinators and supervisors of a cycle, and owners of the unit.
        """
        if not user.is_authenticated:
            return self.none()
        grants = RoleGrant.objects.held_by(user).filter(role__in=[GrantRole.LEAD, GrantRole.PROGRAMME_OWNER])
        above = grants.filter(StartsWith(OuterRef("owner_unit__path"), F("unit__path")))
        membership = self.model._meta.apps.get_model("programmes", "Membership")
        runs = membership.objects.filter(
            cycle__programme=OuterRef("pk"), user=user, status="active", role__in=["coordinator", "supervisor"]
        )
        return self.filter(Exists(above) | Exists(runs))

    def visible_to(self, user: Any) -> "ProgrammeQuerySet":
        """Every programme `user` may know exists: listed ones, those they run, those they are or were in."""
        if not user.is_authenticated:
            return self.listed(user)
        if user.is_superuser:
            return self
        membership = self.model._meta.apps.get_model("programmes", "Membership")
        mine = membership.objects.filter(cycle__programme=OuterRef("pk"), user=user).exclude(status="declined")
        return self.filter(
            Q(pk__in=self.model.objects.run_by(user).values("pk"))
            | Q(visibility__in=[Visibility.PUBLIC, Visibility.INSTITUTION], archived_at=None)
            | Exists(mine)
        )


class Programme(Words):
    """One peer programme of the institution. What changes from year to year lives on its cycles."""

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    activity_type = models.ForeignKey(
        ActivityType, on_delete=models.PROTECT, related_name="programmes", verbose_name=_("activity type")
    )
    local_type_name = models.CharField(_("what you call this kind of programme"), max_length=80, blank=True)
    context = models.CharField(_("context"), max_length=10, choices=Context)
    level = models.CharField(_("level"), max_length=12, choices=Level, default=Level.DEPARTMENT)
    owner_unit = models.ForeignKey(
        OrgUnit, on_delete=models.PROTECT, related_name="programmes", verbose_name=_("owned by")
    )
    visibility = models.CharField(_("who can find it"), max_length=12, choices=Visibility, default=Visibility.DRAFT)

    summary = models.CharField(_("in one sentence"), max_length=240, blank=True)
    when_text = models.CharField(_("when it happens, in a few words"), max_length=80, blank=True)
    mission = models.TextField(_("mission"), blank=True)
    vision = models.TextField(_("vision"), blank=True)
    population_served = models.TextField(_("who it is for"), blank=True)
    institutional_goals = models.TextField(_("institutional goals it serves"), blank=True)
    benefits = models.TextField(_("what you get out of it"), blank=True)
    process = models.TextField(_("how it works"), blank=True)
    values = models.JSONField(_("values it emphasises"), default=list, blank=True)

    search_text = models.TextField(blank=True, default="", editable=False)  # folded; kept by services/changes.py

    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.CheckConstraint(name="programme_context_known", condition=Q(context__in=Context.values)),
            models.CheckConstraint(name="programme_level_known", condition=Q(level__in=Level.values)),
            models.CheckConstraint(name="programme_visibility_known", condition=Q(visibility__in=Visibility.values)),
        ]
        indexes = [models.Index(fields=["visibility", "name"], name="programme_catalogue")]

    def __str__(self) -> str:
        return self.name

    def word(self, which: str) -> str:
        """The programme's own word ("leader", "leaders", "participant", "participants", "session", "sessions").

        Falls back to the activity type's word; load `activity_type` with the programme.
        """
        field = f"{which}_word"
        return getattr(self, field) or getattr(self.activity_type, field)

    @property
    def type_name(self) -> str:
        """The local name of this kind of programme, else the framework's. Load `activity_type` with the programme."""
        return self.local_type_name or self.activity_type.name

    def searchable(self) -> str:
        """What the catalogue's search looks in, folded. Load `activity_type` and `owner_unit` with the programme."""
        words = [self.word(which) for which in ("leaders", "participants", "sessions")]
        names = [self.name, self.summary, self.local_type_name, self.activity_type.name, *words, self.when_text]
        return fold(" ".join([*names, self.activity_type.family, self.owner_unit.name, self.owner_unit.short_name]))

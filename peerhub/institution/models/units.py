"""The organisation tree: institution, faculties, departments, courses, services, the students' union."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    """The levels at which provision is planned and reviewed (Peer-to-Peer Framework, 1.3), and who else runs
    programmes.
    """

    INSTITUTION = "institution", _("Institution")
    FACULTY = "faculty", _("Faculty")
    DEPARTMENT = "department", _("Department")
    COURSE = "course", _("Course")
    SERVICE = "service", _("Service")
    STUDENTS_UNION = "students_union", _("Students’ union")


class OrgUnitQuerySet(models.QuerySet["OrgUnit"]):
    def active(self) -> "OrgUnitQuerySet":
        return self.filter(is_active=True)

    def in_subtree_of(self, unit: "OrgUnit") -> "OrgUnitQuerySet":
        """The unit itself and everything below it."""
        return self.filter(path__startswith=unit.path)


class OrgUnit(models.Model):
    """One unit. `path` is the row of ancestors' keys ("7/12/40/"), so a subtree is one prefix;
    services keep it true.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    code = models.CharField(_("code"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("part of")
    )
    path = models.CharField(max_length=240, editable=False, db_index=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = OrgUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation unit")
        verbose_name_plural = _("organisation units")
        constraints = [
            models.CheckConstraint(name="org_unit_kind_known", condition=Q(kind__in=UnitKind.values)),
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="institution"), name="one_institution"),
            models.CheckConstraint(name="org_unit_not_own_parent", condition=~Q(parent=models.F("id"))),
        ]

    def __str__(self) -> str:
        return self.name


class OrgExternalId(models.Model):
    """How another system names a unit."""

    unit = models.ForeignKey(OrgUnit, on_delete=models.CASCADE, related_name="external_ids")
    source = models.CharField(max_length=60)
    value = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "value"], name="org_external_id_once")]

    def __str__(self) -> str:
        return f"{self.source}:{self.value}"

"""How institution roles read in a person's own record."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from peerhub.common import timeline
from peerhub.institution.models import RoleGrant


def _grant_names(keys: Sequence[str]) -> Mapping[str, str]:
    rows = RoleGrant.objects.filter(pk__in=keys).select_related("unit")
    return {str(row.pk): f"{row.get_role_display()}, {row.unit.name}" for row in rows}


timeline.name_targets("institution.rolegrant", _grant_names)
timeline.say("institution.role_granted", _("You were given a role: %(target)s"), icon="person-badge", private=True)
timeline.say("institution.role_ended", _("A role of yours ended: %(target)s"), icon="person-badge", private=True)

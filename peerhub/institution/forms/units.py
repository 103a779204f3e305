"""Forms of the tree and of roles on it."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from peerhub.institution.models import GrantRole, OrgUnit, UnitKind
from peerhub.institution.queries.units import unit_tree


class UnitChoice(forms.ModelChoiceField):
    """A unit, chosen from the tree as it grows: indented, only units in use."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=OrgUnit.objects.active(), to_field_name="uuid", **kwargs)

    def set_tree(self, *, without: OrgUnit | None = None) -> None:
        """Read the choices, leaving out `without` and all below it. One query."""
        rows = [row for row in unit_tree(only_active=True) if not (without and row.unit.path.startswith(without.path))]
        # An em space survives in an option; ordinary spaces would be trimmed.
        choices = [(str(row.unit.uuid), f"{chr(0x2003) * row.depth}{row.unit.name}") for row in rows]
        self.choices = [("", _("Choose")), *choices]


class UnitForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=160)
    short_name = forms.CharField(
        label=_("Short name"), max_length=60, required=False, help_text=_("For lists and tables.")
    )
    code = forms.CharField(label=_("Code"), max_length=60, required=False, help_text=_("As other systems call it."))
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind)
    parent = UnitChoice(label=_("Part of"), required=False)

    def __init__(self, *args: Any, unit: OrgUnit | None = None, is_first: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if unit is not None or is_first:
            del self.fields["parent"]
        else:
            self.fields["parent"].set_tree()  # type: ignore[attr-defined]
            self.fields["parent"].required = True
        top = is_first or (unit is not None and unit.kind == UnitKind.INSTITUTION)
        kinds = [(kind.value, kind.label) for kind in UnitKind if (kind == UnitKind.INSTITUTION) == top]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    parent = UnitChoice(label=_("Part of"))

    def __init__(self, *args: Any, unit: OrgUnit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].set_tree(without=unit)  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """Names a person by address: whoever gives roles knows whom they mean, and nobody can browse people here."""

    email = forms.EmailField(label=_("E-mail of the person"))
    role = forms.ChoiceField(label=_("Role"), choices=GrantRole)
    unit = UnitChoice(label=_("Where"), help_text=_("The role holds here and for everything below."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].set_tree()  # type: ignore[attr-defined]
        self.person: Any = None

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"]).strip().lower()
        self.person = get_user_model().objects.filter(email=address, is_active=True).first()
        if self.person is None:
            raise forms.ValidationError(_("Nobody with this address has an account."), code="unknown")
        return address

"""Forms of invitations."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import capfirst
from django.utils.translation import gettext_lazy as _

from programmes.models import Programme, Role
from programmes.queries.role_words import role_word, roles_word
from programmes.rosters.errors import RosterError
from programmes.services.invitation_batches import BadRow, InviteRow
from programmes.services.invite_lists import read_invite_list

INVITED_ROLES = (Role.PARTICIPANT, Role.LEADER, Role.SUPERVISOR, Role.PARTNER, Role.COORDINATOR)


class InviteForm(forms.Form):
    """One person by address."""

    role = forms.ChoiceField(label=_("Invite as"))
    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=160, required=False)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(role.value, str(capfirst(role_word(programme, role)))) for role in INVITED_ROLES]
        self.fields["role"].choices = words  # type: ignore[attr-defined]


class InviteListForm(forms.Form):
    """Many people from a file. Reading it is part of looking whether it can be used."""

    role = forms.ChoiceField(label=_("Everybody on the list as"))
    file = forms.FileField(
        label=_("List"),
        error_messages={"required": _("Choose the file first.")},
        help_text=_("CSV or Excel with a row of headings: First, Last, Email. You see who would be invited first."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    rows: list[InviteRow]
    rejected: list[BadRow]

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="list_%s", **kwargs)  # both forms stand on one page
        peers = (Role.PARTICIPANT, Role.LEADER)
        words = [(role.value, str(capfirst(roles_word(programme, role)))) for role in peers]
        self.fields["role"].choices = words  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        """Read the list; a file that cannot be used says why, here."""
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            self.rows, self.rejected = read_invite_list(upload.name or "list", upload.read())
        except RosterError as error:
            raise forms.ValidationError(str(error.message), code=error.code) from error
        if not self.rows:
            first = self.rejected[0].message if self.rejected else ""
            raise forms.ValidationError(
                _("No row of this list can be used. %(first)s"), code="no_rows", params={"first": first}
            )
        return upload

"""Accounts for superusers: who is there, closing and opening, invitations, and requests to be forgotten."""

from collections.abc import Iterable
from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401 - both register themselves when imported; what follows takes their place
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from peerhub.accounts import services
from peerhub.accounts.models import AccountInvitation, ErasureRequest, ExternalId, User, clean_email
from peerhub.common import audit
from peerhub.common.admin_site import ServiceAdmin
from peerhub.common.errors import DomainError

for _unused in (Group, EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(_unused):
        admin.site.unregister(_unused)


class Shown(admin.ModelAdmin):
    """Read, never written here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ExternalIdInline(admin.TabularInline):
    model = ExternalId
    extra = 0


class PersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = (
            "email",
            "given_name",
            "family_name",
            "preferred_name",
            "pronouns",
            "kind",
            "is_staff",
            "is_superuser",
        )

    def clean_email(self) -> str | None:
        address = clean_email(self.cleaned_data.get("email"))
        if address and User.objects.filter(email=address).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Somebody else has this address."))
        return address


def each(request: HttpRequest, rows: Iterable[Any], act: Any, done: Any) -> None:
    """Run a use case for every row; say how many went through, and what was refused."""
    count = 0
    for row in rows:
        try:
            act(row)
        except DomainError as refusal:
            messages.error(request, f"{row}: {refusal.message}")
        else:
            count += 1
    if count:
        messages.success(request, done(count))


@admin.register(User)
class UserAdmin(ServiceAdmin):
    form = PersonForm
    list_display = ("display_name", "email", "kind", "is_active", "is_superuser", "date_joined", "last_login")
    list_filter = ("is_active", "kind", "is_superuser")
    search_fields = ("family_name", "given_name", "preferred_name", "email", "external_ids__value")
    ordering = ("family_name", "given_name", "pk")
    readonly_fields = ("is_active", "uuid", "date_joined", "last_login", "deactivated_at", "erased_at")
    inlines = (ExternalIdInline,)
    list_per_page = 50
    show_full_result_count = False
    actions = ("deactivate", "reactivate", "erase")

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        """A person made here gets in by the link that sign-up or "forgotten password" sends; we never set passwords."""
        if not change:
            obj.set_unusable_password()
        obj.save()
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()  # the new address is theirs once they have confirmed it
        action = "accounts.person_changed" if change else "accounts.person_added"
        audit.record(
            actor=request.user, action=action, target=obj, detail={"fields": form.changed_data}, now=timezone.now()
        )

    @admin.action(description=gettext_lazy("Close these accounts"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        each(
            request,
            queryset,
            lambda person: services.deactivate_person(actor=request.user, user=person, now=timezone.now()),
            lambda n: ngettext("%(n)s account is closed.", "%(n)s accounts are closed.", n) % {"n": n},
        )

    @admin.action(description=gettext_lazy("Open these accounts again"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        each(
            request,
            queryset,
            lambda person: services.reactivate_person(actor=request.user, user=person, now=timezone.now()),
            lambda n: ngettext("%(n)s account is open.", "%(n)s accounts are open.", n) % {"n": n},
        )

    @admin.action(description=gettext_lazy("Erase these people’s data…"))
    def erase(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        return erase_after_asking(self, request, queryset, "erase", list(queryset))


@admin.register(ErasureRequest)
class ErasureRequestAdmin(Shown):
    list_display = ("user", "asked_at", "outcome", "decided_at", "decided_by")
    list_filter = ("outcome",)
    ordering = ("-asked_at", "pk")
    list_select_related = ("user", "decided_by")
    actions = ("erase",)

    @admin.action(description=gettext_lazy("Erase these people’s data…"))
    def erase(self, request: HttpRequest, queryset: QuerySet[ErasureRequest]) -> HttpResponse | None:
        people = [row.user for row in queryset.filter(outcome="waiting").select_related("user")]
        return erase_after_asking(self, request, queryset, "erase", people)


def erase_after_asking(
    model_admin: admin.ModelAdmin, request: HttpRequest, rows: QuerySet, action: str, people: list[User]
) -> HttpResponse | None:
    """First a page that says what it means; then, confirmed, the erasure."""
    if request.POST.get("confirmed") != "yes":
        context = {
            **model_admin.admin_site.each_context(request),
            "title": _("Erase these people’s data?"),
            "people": people,
            "rows": rows,
            "action": action,
            "opts": model_admin.model._meta,
        }
        return render(request, "admin/accounts/erase.html", context)
    each(
        request,
        people,
        lambda person: services.erase_person(actor=request.user, user=person, now=timezone.now()),
        lambda n: ngettext("%(n)s person’s data is erased.", "%(n)s people’s data is erased.", n) % {"n": n},
    )
    return None


@admin.register(AccountInvitation)
class AccountInvitationAdmin(ServiceAdmin):
    list_display = ("email", "kind", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("kind",)
    search_fields = ("email",)
    ordering = ("-created_at", "pk")
    list_select_related = ("invited_by",)
    fields = ("email", "kind")
    actions = ("withdraw",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        made = services.invite_person(actor=request.user, email=obj.email, kind=obj.kind, now=timezone.now())
        obj.pk = made.pk

    @admin.action(description=gettext_lazy("Withdraw these invitations"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[AccountInvitation]) -> None:
        each(
            request,
            queryset,
            lambda row: services.withdraw_invitation(actor=request.user, invitation_id=row.pk, now=timezone.now()),
            lambda n: ngettext("%(n)s invitation is withdrawn.", "%(n)s invitations are withdrawn.", n) % {"n": n},
        )


@admin.register(EmailAddress)
class EmailAddressAdmin(Shown):
    list_display = ("email", "user", "verified", "primary")
    list_filter = ("verified",)
    search_fields = ("email", "user__family_name")
    ordering = ("email", "pk")
    list_select_related = ("user",)


@admin.register(Authenticator)
class AuthenticatorAdmin(Shown):
    """That there is a second factor, and since when. Its secret is nobody's to read."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    ordering = ("-created_at", "pk")
    list_select_related = ("user",)
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # for somebody who has lost phone and codes, after the help desk has seen their card

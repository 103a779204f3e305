"""Accounts for superusers: who is there, closing and opening, invitations, and requests to be forgotten."""

from collections.abc import Sequence
from typing import Any

# These three register when imported; what follows takes their place.
import allauth.account.admin
import allauth.mfa.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
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
from peerhub.common.admin_lists import LargeTable, ServiceAdmin
from peerhub.common.errors import DomainError

for _unused in (Group, EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(_unused):
        admin.site.unregister(_unused)


MOST_AT_ONCE = 50


class Shown(LargeTable, admin.ModelAdmin):
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


def each(request: HttpRequest, rows: Sequence[Any] | QuerySet, act: Any, done: Any) -> None:
    """Run a use case for every row; say how many went through, and what was refused.

    "Select all 60,000" is never what was meant: then nothing is done.
    """
    count, chosen = 0, list(rows[: MOST_AT_ONCE + 1])
    if len(chosen) > MOST_AT_ONCE:
        messages.error(request, _("Choose at most %(n)s at once.") % {"n": MOST_AT_ONCE})
        return
    for row in chosen:
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
    rows_action = "accounts.external_ids_changed"
    actions = ("deactivate", "reactivate", "erase")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.erased_at is None

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        services.save_person(actor=request.user, person=obj, changed=form.changed_data, now=timezone.now())

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
        return erase_after_asking(self, request, queryset, "erase", list(queryset[: MOST_AT_ONCE + 1]))


@admin.register(ErasureRequest)
class ErasureRequestAdmin(Shown):
    list_display = ("user", "asked_at", "outcome", "decided_at", "decided_by")
    list_filter = ("outcome",)
    ordering = ("-asked_at", "pk")
    list_select_related = ("user", "decided_by")
    actions = ("erase",)

    @admin.action(description=gettext_lazy("Erase these people’s data…"))
    def erase(self, request: HttpRequest, queryset: QuerySet[ErasureRequest]) -> HttpResponse | None:
        waiting = queryset.filter(outcome="waiting").select_related("user")
        people = [row.user for row in waiting[: MOST_AT_ONCE + 1]]
        return erase_after_asking(self, request, queryset, "erase", people)


def erase_after_asking(
    model_admin: admin.ModelAdmin, request: HttpRequest, rows: QuerySet, action: str, people: list[User]
) -> HttpResponse | None:
    """First a page that says what it means; then, confirmed, the erasure."""
    if request.POST.get("confirmed") != "yes" and len(people) <= MOST_AT_ONCE:
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

    actions = ("take_away",)

    @admin.action(description=gettext_lazy("Take these second steps away (the person has lost them)"))
    def take_away(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        each(
            request,
            queryset,
            lambda row: services.take_factor_away(actor=request.user, factor_id=row.pk, now=timezone.now()),
            lambda n: ngettext("%(n)s second step is removed.", "%(n)s second steps are removed.", n) % {"n": n},
        )

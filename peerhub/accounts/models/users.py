"""The person. Signs in by e-mail; may also be known from a roster alone, without an address."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PersonKind(models.TextChoices):
    STUDENT = "student", _("Student")
    STAFF = "staff", _("Staff")
    EXTERNAL = "external", _("External")


class Theme(models.TextChoices):
    SYSTEM = "system", _("As my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


def clean_email(address: str | None) -> str | None:
    """An address as we keep it: trimmed and lower case; None for none. University addresses ignore case."""
    address = (address or "").strip().lower()
    return address or None


def shown_name(preferred: str, given: str, family: str) -> str:
    """The name others see, from its parts: for lists that read names without whole people."""
    return f"{preferred or given} {family}".strip() or str(_("Someone without a name yet"))


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes accounts for tests, commands and createsuperuser. People are otherwise made by services."""

    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=clean_email(email), **fields)
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, kind=PersonKind.STAFF, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=clean_email(username))


class User(AbstractBaseUser, PermissionsMixin):
    """One person, once. `email` is None for somebody known only from a roster: listed, but unable to sign in."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    given_name = models.CharField(_("given name"), max_length=120, blank=True)
    family_name = models.CharField(_("family name"), max_length=120, blank=True)
    preferred_name = models.CharField(
        _("preferred name"),
        max_length=120,
        blank=True,
        help_text=_("What people call you. Leave empty to use your given name."),
    )
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=PersonKind, default=PersonKind.STUDENT)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("colours"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open Django admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(name="user_email_lower_case", condition=Q(email=None) | Q(email=Lower("email"))),
            models.CheckConstraint(name="user_email_not_empty", condition=~Q(email="")),
            models.CheckConstraint(name="user_kind_known", condition=Q(kind__in=PersonKind.values)),
            models.CheckConstraint(name="user_theme_known", condition=Q(theme__in=Theme.values)),
            models.CheckConstraint(
                name="user_erased_is_nobody",
                condition=Q(erased_at=None)
                | Q(email=None, family_name="", preferred_name="", pronouns="", is_active=False, is_superuser=False),
            ),
        ]
        indexes = [models.Index(fields=["family_name", "given_name"], name="user_by_name")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """What others see: preferred name and family name, else whatever is known, never the address."""
        return shown_name(self.preferred_name, self.given_name, self.family_name)

    @property
    def short_name(self) -> str:
        """What we call them: preferred, else given name."""
        return self.preferred_name or self.given_name or self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.short_name

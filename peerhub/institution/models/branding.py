"""How the installation looks and what it is called. One row."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

hex_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six digits, for example #0D5661."))


class Branding(models.Model):
    """The institution's name, logo and colours. Colours are only kept when they pass the contrast rules (4.5:1)."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    institution_name = models.CharField(_("institution"), max_length=120)
    product_name = models.CharField(_("name shown in the header"), max_length=40, default="PeerHub")
    logo = models.ImageField(_("logo"), upload_to="branding/", blank=True)
    primary = models.CharField(_("main colour"), max_length=7, blank=True, validators=[hex_colour])
    primary_dark = models.CharField(_("main colour in dark mode"), max_length=7, blank=True, validators=[hex_colour])
    help_email = models.EmailField(_("help address"), blank=True)
    help_url = models.URLField(_("help page"), blank=True)
    emergency_text = models.CharField(
        _("emergency line"),
        max_length=200,
        blank=True,
        help_text=_("For example: In immediate danger call 999, then campus security 01970 111."),
    )
    safeguarding_contact = models.CharField(_("who to tell about a worry"), max_length=200, blank=True)
    updated_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("branding")
        verbose_name_plural = _("branding")
        constraints = [models.CheckConstraint(name="one_branding", condition=models.Q(singleton=True))]

    def __str__(self) -> str:
        return self.institution_name

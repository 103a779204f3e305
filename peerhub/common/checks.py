"""Refusals at start: what would go wrong quietly later."""

import re
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

import peerhub.common.production  # noqa: F401 - registers the refusals of production
from peerhub.common.disclosure import PROFILES
from peerhub.common.mail.kinds import KINDS, PRIORITY_BULK, TOPICS
from peerhub.common.sealing import RingRefused, ring_of


@register("mail")
def check_kinds(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every kind of message has a topic people can read about, and a sane priority."""
    found: list[CheckMessage] = [
        Error(f"Mail kind {kind.code} has the unknown topic {kind.topic!r}.", id="peerhub.mail.E001")
        for kind in KINDS.values()
        if kind.topic not in TOPICS
    ]
    found += [
        Error(f"Mail kind {kind.code} has priority {kind.priority}; it may be 0 to 9.", id="peerhub.mail.E002")
        for kind in KINDS.values()
        if not 0 <= kind.priority <= PRIORITY_BULK
    ]
    return found


@register("mail")
def check_mail_frame(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The frame every mail stands in is there."""
    found: list[CheckMessage] = []
    for name in ("emails/base.html", "emails/base.txt"):
        try:
            get_template(name)
        except TemplateDoesNotExist:
            found.append(Error(f"The mail template {name} is missing.", id="peerhub.mail.E003"))
    return found


@register("accounts")
def check_card_pattern(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A card reader's pattern can be read and says which part is the number."""
    try:
        groups = re.compile(settings.PEERHUB_CARD_PATTERN).groups
    except re.error as error:
        return [Error(f"PEERHUB_CARD_PATTERN is no regular expression: {error}.", id="peerhub.accounts.E001")]
    if settings.PEERHUB_CARD_PATTERN and groups != 1:
        message = f"PEERHUB_CARD_PATTERN has {groups} groups; it needs one: the number."
        return [Error(message, id="peerhub.accounts.E002")]
    return []


@register("disclosure")
def check_disclosure_profile(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Numbers of people are said by a rule that exists."""
    if settings.PEERHUB_DISCLOSURE_PROFILE in PROFILES:
        return []
    message = f"PEERHUB_DISCLOSURE_PROFILE is {settings.PEERHUB_DISCLOSURE_PROFILE!r}; it may be {', '.join(PROFILES)}."
    return [Error(message, id="peerhub.disclosure.E001")]


@register("sealing")
def check_equality_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The keys of equality monitoring are keys, and a live site does not seal with the one everybody can read."""
    try:
        ring = ring_of(settings.PEERHUB_KEK_EQUALITY)
    except RingRefused as refusal:
        return [Error(f"PEERHUB_KEK_EQUALITY cannot be used: {refusal}.", id="peerhub.sealing.E001")]
    if not settings.PEERHUB_DEMO and any(one in ring.keys for one in ring_of(settings.DEMO_KEK_EQUALITY).keys):
        message = "PEERHUB_KEK_EQUALITY is the demo's, which is no secret. Make one: openssl rand -base64 32."
        return [Error(message, id="peerhub.sealing.E002")]
    return []


@register(Tags.security, deploy=True)
def check_mail_leaves(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Production sends mail somewhere, from an address that exists, and leaves time to write down what happened."""
    found: list[CheckMessage] = []
    if settings.EMAIL_BACKEND.startswith("peerhub.common.mail.backends") and not settings.PEERHUB_DEMO:
        message = "Mail is kept in the database instead of sent: set EMAIL_URL."
        found.append(checks.Warning(message, id="peerhub.mail.W001"))
    if ".invalid" in settings.DEFAULT_FROM_EMAIL and not settings.PEERHUB_DEMO:
        message = "DEFAULT_FROM_EMAIL is an address that cannot exist: replies and bounces are lost."
        found.append(checks.Warning(message, id="peerhub.mail.W002"))
    if settings.PEERHUB_MAIL_LEASE < 3 * settings.EMAIL_TIMEOUT:
        message = "PEERHUB_MAIL_LEASE is too short beside the mail server's timeout: at least three times as long."
        found.append(Error(message, id="peerhub.mail.E005"))
    return found

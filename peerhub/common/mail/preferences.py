"""What people want to hear about. No row means yes: one is written only where somebody said no (or yes again)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from peerhub.common import audit
from peerhub.common.mail import addresses
from peerhub.common.mail.kinds import KINDS, TOPICS, Text, Topic
from peerhub.common.mail.unsubscribe import Wish
from peerhub.common.models.outbox import MailPreference


@dataclass(frozen=True)
class Choice:
    """One line of the preferences page. `always`: titles of what comes in any case, because people wait for it."""

    topic: Topic
    email: bool
    inapp: bool
    is_switchable: bool
    always: list[Text]

    @property
    def email_name(self) -> str:
        return f"email-{self.topic.code}"

    @property
    def inapp_name(self) -> str:
        return f"inapp-{self.topic.code}"


def choices(user: Any) -> list[Choice]:
    """Every topic somebody may hear about, with this person's wishes. One query."""
    chosen = {row.topic: row for row in MailPreference.objects.filter(user=user)}
    lines = []
    for topic in TOPICS.values():
        kinds = [kind for kind in KINDS.values() if kind.topic == topic.code and not kind.is_internal]
        if not kinds:
            continue
        row = chosen.get(topic.code)
        always = [kind.title for kind in kinds if kind.is_essential]
        is_switchable = any(not kind.is_essential for kind in kinds)
        lines.append(Choice(topic, row.email if row else True, row.inapp if row else True, is_switchable, always))
    return lines


def switchable_topics() -> set[str]:
    """Topics with at least one kind that is not essential."""
    return {kind.topic for kind in KINDS.values() if not kind.is_essential}


@transaction.atomic(durable=True)
def set_preferences(*, actor: Any, wishes: Mapping[str, tuple[bool, bool]], now: datetime) -> None:
    """Keep `{topic: (email, inapp)}` for the actor. Topics that cannot be switched off are left alone."""
    known = switchable_topics()
    rows = [
        MailPreference(user=actor, topic=topic, email=email, inapp=inapp)
        for topic, (email, inapp) in wishes.items()
        if topic in known
    ]
    MailPreference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "topic"], update_fields=["email", "inapp"]
    )
    audit.record(actor=actor, action="common.preferences_set", target=actor, now=now)


@transaction.atomic(durable=True)
def unsubscribe(*, wish: Wish, now: datetime) -> bool:
    """No more e-mail on the wish's topic. False when nothing can be switched off by it (an old link, a person gone)."""
    if wish.topic not in switchable_topics():
        return False
    if not wish.user:
        addresses.silence(wish.digest, wish.topic, now)
        return True
    user = get_user_model().objects.filter(uuid=wish.user).first()
    if user is None:
        return False
    MailPreference.objects.update_or_create(user=user, topic=wish.topic, defaults={"email": False})
    audit.record(actor=user, action="common.mail_unsubscribed", target=user, detail={"topic": wish.topic}, now=now)
    return True

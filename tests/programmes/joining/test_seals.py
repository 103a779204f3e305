"""Links cannot be guessed, bent or reused: every single flipped bit closes the door."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerhub.common.seals import is_seal, seal
from programmes.models import Invitation, InviteLink, Role


def bent(token):
    """Every token that differs by one bit, and by one character."""
    for index, char in enumerate(token):
        for bit in range(7):
            yield token[:index] + chr(ord(char) ^ (1 << bit)) + token[index + 1 :]
        yield token[:index] + token[index + 1 :]
        yield token[:index] + char + token[index:]


@pytest.mark.django_db
def test_every_bent_link_token_is_nobodys():
    token = InviteLink(uuid=uuid.uuid4(), version=7, role=Role.LEADER).token
    assert len(token) == 46
    for other in bent(token):
        assert InviteLink.objects.by_token(other) is None


def test_every_bent_invitation_token_stays_shut():
    invitation = Invitation(uuid=uuid.uuid4(), email="ben@example.org")
    assert invitation.opens_with(invitation.token)
    assert not any(invitation.opens_with(other) for other in bent(invitation.token) if other != invitation.token)


@given(st.text(max_size=60))
def test_no_text_is_a_seal(text):
    assert not is_seal(text, "programmes.invite_link", "facts")


def test_a_seal_is_for_one_purpose_and_these_facts():
    mark = seal("one", 1, 23)
    assert is_seal(mark, "one", 1, 23)
    assert not is_seal(mark, "two", 1, 23)
    assert not is_seal(mark, "one", 12, 3)


def test_a_seal_outlives_a_change_of_key(settings):
    mark = seal("one", 1)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert is_seal(mark, "one", 1)
    settings.SECRET_KEY_FALLBACKS = []
    assert not is_seal(mark, "one", 1)

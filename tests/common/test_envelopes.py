"""Secrets at rest open with our key and for their purpose only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerhub.common.envelopes import CannotOpen, enclose, open_envelope


@given(text=st.text())
def test_what_is_enclosed_comes_out_again(text):
    envelope = enclose(text, purpose="tests")
    assert open_envelope(envelope, purpose="tests") == text
    assert envelope != enclose(text, purpose="tests"), "twice the same text does not look the same"


def test_another_purpose_or_key_opens_nothing(settings):
    envelope = enclose("seed", purpose="tests")
    with pytest.raises(CannotOpen):
        open_envelope(envelope, purpose="other")
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(CannotOpen):
        open_envelope(envelope, purpose="tests")
    settings.SECRET_KEY_FALLBACKS = [before]
    assert open_envelope(envelope, purpose="tests") == "seed"


@pytest.mark.parametrize("wrong", ["", "seed", "v1:", "v1:!!!", "v1:AAAA", "v2:" + "A" * 60])
def test_damaged_envelopes_say_so(wrong):
    with pytest.raises(CannotOpen):
        open_envelope(wrong, purpose="tests")


def test_a_changed_byte_is_noticed():
    envelope = enclose("seed", purpose="tests")
    changed = envelope[:-6] + ("A" if envelope[-6] != "A" else "B") + envelope[-5:]
    with pytest.raises(CannotOpen):
        open_envelope(changed, purpose="tests")

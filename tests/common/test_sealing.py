"""Sealed bytes: read with the key they were sealed with, for what they are about, and not otherwise."""

import base64

import pytest
from cryptography.exceptions import InvalidTag

from peerhub.common import checks
from peerhub.common.sealing import RingRefused, derived, mark, new_key, ring_of, seal, unseal

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))


def encoded(key):
    return base64.b64encode(key).decode()


def test_seal_is_read_back_and_its_length_says_nothing():
    short, long = (seal(KEY, text, about=b"a", size=64) for text in (b"x", b"x" * 60))
    assert len(short) == len(long) == 64 + 28
    assert unseal(KEY, memoryview(long), about=b"a") == b"x" * 60
    assert seal(KEY, b"x", about=b"a") != seal(KEY, b"x", about=b"a")
    with pytest.raises(ValueError, match="more than fits"):
        seal(KEY, b"x" * 61, about=b"a", size=64)


@pytest.mark.parametrize(("key", "about", "broken"), [(OTHER, b"a", 0), (KEY, b"b", 0), (KEY, b"a", 1)])
def test_unseal_refuses_another_key_another_subject_and_a_changed_byte(key, about, broken):
    sealed = seal(KEY, b"text", about=b"a")
    with pytest.raises(InvalidTag):
        unseal(key, sealed[:-1] + bytes([sealed[-1] ^ broken]), about=about)


def test_marks_and_derived_keys_say_nothing_of_each_other():
    key = new_key()
    assert len({derived(key, "a"), derived(key, "b"), mark(key, "a"), mark(derived(key, "a"), "a"), key}) == 5
    assert mark(key, "a") == mark(key, "a")


def test_a_ring_seals_with_the_first_key_and_knows_all():
    ring = ring_of(f"v2:{encoded(OTHER)}, v1:{encoded(KEY)}")
    assert (ring.newest, ring.key("v1"), bool(ring), bool(ring_of(""))) == ("v2", KEY, True, False)
    assert encoded(KEY) not in repr(ring)
    assert repr(ring) == "Ring(v2, v1)"


WEAK, SHORT, TWICE = encoded(b"a" * 32), encoded(KEY[:16]), f"v1:{encoded(KEY)},v1:{encoded(OTHER)}"


@pytest.mark.parametrize("text", ["v1:no", "v1", f":{encoded(KEY)}", f"v1:{SHORT}", f"v1:{WEAK}", TWICE])
def test_a_ring_refuses_what_is_no_key_and_never_repeats_it(text, settings):
    with pytest.raises(RingRefused) as refusal:
        ring_of(text)
    assert encoded(KEY) not in str(refusal.value)
    settings.PEERHUB_KEK_EQUALITY = text
    assert [one.id for one in checks.check_equality_keys(None)] == ["peerhub.sealing.E001"]


def test_the_demo_key_is_refused_outside_the_demo(settings):
    settings.PEERHUB_KEK_EQUALITY = settings.DEMO_KEK_EQUALITY
    settings.PEERHUB_DEMO = False
    assert [one.id for one in checks.check_equality_keys(None)] == ["peerhub.sealing.E002"]
    settings.PEERHUB_DEMO = True
    assert checks.check_equality_keys(None) == []

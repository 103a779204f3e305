"""Texts in English and beside it."""

from django.utils import translation
from django.utils.translation import gettext, trans_real

from peerhub.common.words import shorten_english


class Behind:
    def __init__(self, texts, behind=None):
        self._catalog, self._fallback = texts, behind


def test_english_says_what_it_said_and_others_still_fall_back_to_it():
    shorten_english()
    with translation.override("en-gb"):
        assert gettext("Nothing anybody translated") == "Nothing anybody translated"
        assert gettext("Color") in {"Color", "Colour"}
    with translation.override("es"):
        assert gettext("Nothing anybody translated") == "Nothing anybody translated"
        assert gettext("January") == "enero"


def test_a_catalogue_that_says_something_is_kept(monkeypatch):
    english = trans_real.translation("en-gb")
    full = Behind({"": "header"}, Behind({"": "header", "Log": "Record"}))
    monkeypatch.setattr(english, "_fallback", full)
    shorten_english()
    assert english._fallback is full


def test_empty_catalogues_are_dropped(monkeypatch):
    english = trans_real.translation("en-gb")
    monkeypatch.setattr(english, "_fallback", Behind({"": "header"}, Behind({})))
    shorten_english()
    assert english._fallback is None

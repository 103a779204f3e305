"""Controls drawn in one go say what Django's own say."""

import pytest
from django import forms
from django.test.html import parse_html
from django.utils.translation import gettext_lazy

from peerhub.common.widgets import LongSelect

CHOICES = [("", gettext_lazy("None")), ("a&b", "A & <b>"), (3, "Three")]


@pytest.mark.parametrize("value", ["", "a&b", 3, "3", None, "unknown"])
@pytest.mark.parametrize("attrs", [{}, {"id": "id_zone", "required": True, "class": "form-select", "data-x": '"'}])
def test_a_long_select_is_a_select(value, attrs):
    ours, theirs = (kind(attrs={"lang": "en"}, choices=CHOICES) for kind in (LongSelect, forms.Select))
    assert parse_html(ours.render("zone", value, attrs)) == parse_html(theirs.render("zone", value, attrs))

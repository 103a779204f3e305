"""Forms: label, hint, error, control; one summary; what is optional says so."""

import re

import pytest
from django import forms
from django.template import Context, Template

from peerhub.common.formparts import Hinted, error_prefix, errors, field_errors

CRISPY = Template("{% load crispy_forms_tags %}{{ form|crispy }}")

KINDS = [("a", Hinted("Academic", "About the module")), ("s", "Social")]
PEOPLE = [("1", "Kai"), ("2", "Leila")]


class Log(forms.Form):
    topic = forms.CharField(label="Topic", help_text="One or two words.")
    place = forms.CharField(label="Place", required=False)
    kind = forms.ChoiceField(label="Kind", widget=forms.RadioSelect, choices=KINDS)
    here = forms.MultipleChoiceField(label="Here", widget=forms.CheckboxSelectMultiple, choices=PEOPLE)
    agree = forms.BooleanField(label="We kept to the ground rules", help_text="All of them.")
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("The register is <closed>.")


def html(form) -> str:
    return CRISPY.render(Context({"form": form}))


def test_errors_links_each_message_to_its_control():
    drawn = errors(Log({"topic": ""}))
    assert re.findall(r'href="#(\w+)"', drawn) == ["id_topic", "id_kind_0", "id_here_0", "id_agree"]
    assert "Topic: This field is required." in drawn
    assert "The register is &lt;closed&gt;." in drawn
    assert "data-ph-errors" in drawn
    assert 'tabindex="-1"' in drawn


def test_errors_of_a_hidden_control_has_no_link():
    assert "<li>Token: This field is required.</li>" in errors(Log({}))


def test_errors_says_nothing_of_a_form_nobody_sent():
    assert errors(Log()) == ""
    assert error_prefix(Log()) == ""
    assert error_prefix(Log({})) == "Error: "


def test_errors_of_a_field_stand_where_its_description_points():
    assert field_errors(Log()["topic"]) == ""
    drawn = field_errors(Log({"topic": ""})["topic"])
    assert 'id="id_topic_error"' in drawn
    assert "This field is required." in drawn


def test_errors_of_a_formset_sums_up_every_form():
    class Rows(forms.BaseFormSet):
        def clean(self):
            raise forms.ValidationError("Two rows are the same.")

    class Row(forms.Form):
        name = forms.CharField(label="Name")

    rows = forms.formset_factory(Row, formset=Rows, extra=0)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-name": ""}
    )
    drawn = errors(rows)
    assert "Two rows are the same." in drawn
    assert 'href="#id_form-0-name"' in drawn
    assert error_prefix(rows) == "Error: "


def test_the_summary_is_drawn_once():
    form = Log({})
    assert "ph-errors" in errors(form)
    assert "data-ph-errors" not in html(form)
    assert html(Log({})).count("data-ph-errors") == 1


def test_a_field_is_label_hint_error_control():
    drawn = html(Log({"topic": ""}))
    block = drawn[drawn.index('id="div_id_topic"') : drawn.index('id="div_id_place"')]
    order = [block.index(part) for part in ("<label", "id_topic_helptext", "id_topic_error", "<input")]
    assert order == sorted(order)
    assert 'aria-describedby="id_topic_helptext id_topic_error"' in block
    assert 'aria-invalid="true"' in block
    assert "has-error" in block


def test_optional_is_said_and_required_is_not_starred():
    drawn = html(Log())
    assert drawn.count("(optional)") == 1
    assert "*" not in drawn


def test_a_form_of_filters_does_not_say_optional():
    form = Log()
    form.mark_optional = False
    assert "(optional)" not in html(form)


def test_radios_and_checkboxes_are_tiles_in_a_fieldset_with_a_legend():
    drawn = html(Log({}))
    assert drawn.count('class="ph-choice"') == 4
    assert drawn.count("<fieldset") == drawn.count("<legend") == 2
    assert "<small>About the module</small>" in drawn
    assert 'aria-describedby="id_here_error"' in drawn


def test_one_checkbox_keeps_its_label_beside_it():
    drawn = html(Log({}))
    block = drawn[drawn.index('id="div_id_agree"') :]
    order = [
        block.index(part) for part in ('id="id_agree_error"', 'type="checkbox"', "<label", 'id="id_agree_helptext"')
    ]
    assert order == sorted(order)


@pytest.mark.parametrize("nasty", ["<script>", '"><b>'])
def test_what_people_wrote_is_escaped_in_fields(nasty):
    form = Log({"topic": nasty})
    form.fields["topic"].help_text = nasty
    assert nasty not in html(form)

"""{% translate %}: the same as Django's, whatever it is given."""

import pytest
from django.template import Context, Engine
from django.utils import translation

OURS = Engine(libraries={"i18n": "peerhub.common.templatetags.quick_i18n"})
DJANGOS = Engine(libraries={"i18n": "django.templatetags.i18n"})


@pytest.mark.parametrize("language", ["en-gb", "cy", "es"])
@pytest.mark.parametrize(
    "source",
    [
        '{% translate "Yes" %}',
        '{% trans "No" %}',
        "{% translate 'Add <b>another</b> & more' %}",
        '{% translate "100% of it, 5%% of that" %}',
        '{% translate "May" context "abbrev. month" %}',
        '{% translate "Yes"|upper %}',
        "{% translate words %}",
        '{% translate "Yes" as said %}[{{ said }}]',
        '{% translate "Yes" noop %}',
        '{% translate "" %}',
        "{% blocktranslate %}Hello {{ words }}{% endblocktranslate %}",
        "{% get_current_language as code %}{{ code }}",
        "{{ code|language_name }}",
    ],
)
def test_every_form_of_the_tag_says_what_djangos_says(source, language):
    facts = {"words": "Yes & <no>", "code": "cy"}
    with translation.override(language):
        ours, djangos = (
            engine.from_string("{% load i18n %}" + source).render(Context(facts)) for engine in (OURS, DJANGOS)
        )
    assert ours == djangos

"""Local words: what a programme calls its leaders, participants and sessions.

After {% load programme_words %}, {% word programme "leaders" %} gives "PASS leaders";
{% word_title programme "sessions" %} gives "Study sessions", for the start of a heading, a tab or a button.
Either may be kept: {% word programme "leader" as leader %}.
Load `activity_type` with the programme.
"""

from django import template
from django.template.defaultfilters import capfirst

from programmes.models import Programme

register = template.Library()


@register.simple_tag
def word(programme: Programme, which: str) -> str:
    """The programme's word, as it stands inside a sentence."""
    return programme.word(which)


@register.simple_tag
def word_title(programme: Programme, which: str) -> str:
    """The programme's word with a capital first letter; the rest stays as it is (PASS leaders, new students)."""
    return str(capfirst(programme.word(which)))

"""Finding one's way between the parts of stage 2 in a workspace."""

from typing import Any

from django import template
from django.template import Context

from training.queries.parts import Part, parts_for

register = template.Library()


@register.simple_tag(takes_context=True)
def stage_parts(context: Context, cycle: Any) -> list[Part]:
    """The parts this person may open: {% stage_parts cycle as parts %}."""
    return parts_for(context["request"].user, cycle)

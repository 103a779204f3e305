"""Django's `i18n` tags, with {% translate "words" %} at a third of its cost, in their place (settings.TEMPLATES).

A page translates some fifty constant texts. Django resolves each as it would a variable with filters, makes a lazy
text of it and reads that; here it is looked up, which is what all of that comes to (docs/adr/0013-quick-markup.md).
"""

from typing import Any

from django import template
from django.template import Context
from django.template.base import Node, Parser, Token
from django.templatetags import i18n
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class Words(Node):
    """One constant text, looked up in the reader's language. As in Django, what a template's author wrote is safe."""

    child_nodelists = ()

    def __init__(self, text: str) -> None:
        self.text = text.replace("%", "%%")  # as catalogues hold it

    def render(self, context: Context) -> SafeString:
        return SafeString(gettext(self.text).replace("%%", "%"))


@register.tag("trans")
@register.tag("translate")
def translate(parser: Parser, token: Token) -> Node:
    """{% translate "words" %}, and all other forms of it as Django has them."""
    node: Any = i18n.do_translate(parser, token)
    said = node.filter_expression
    is_plain = not (said.filters or node.asvar or node.message_context or node.noop)
    return Words(said.var.literal) if is_plain and isinstance(said.var.literal, str) else node

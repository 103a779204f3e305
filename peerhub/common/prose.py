"""Longer words that people write in Markdown, as safe markup: headings, lists, tables, links. No HTML of their own, no
pictures (the page's policy shows only ours), no scheme a link could run.
"""

from functools import cache, lru_cache
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a", "strong", "em", "s", "code", "pre",
    "blockquote", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
LOWEST = 6


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


def prose(text: Any, level: int = 2) -> SafeString:
    """{{ module.content|prose }}: the first heading of the text becomes one of `level`, so that it fits its page."""
    return _prose(str(text or ""), int(level))


@lru_cache(maxsize=256)
def _prose(text: str, level: int) -> SafeString:
    reader = _reader()
    tokens = reader.parse(text)
    depths = sorted({int(token.tag[1]) for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(level + depths.index(int(token.tag[1])), LOWEST)}"
    written = reader.renderer.render(tokens, reader.options, {})
    clean = nh3.clean(
        written, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )
    return mark_safe(clean)

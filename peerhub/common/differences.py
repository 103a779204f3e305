"""Two states of a text side by side in one: what stayed, what came, what went, word by word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common.html import fill, fill_each

SAME, CAME, WENT = "same", "came", "went"
MOST_WORDS = 1500  # in one stretch; beyond it the whole stretch is said to be new, which costs nobody a minute
_LINE, _WORD = re.compile(r"[^\n]*\n|[^\n]+"), re.compile(r"\s+|[^\s]+")


class Run(NamedTuple):
    """A stretch of text and what became of it."""

    what: str
    text: str


def differences(before: str, after: str) -> list[Run]:
    """Lines first, then the words of lines that differ. `same` and `went` together are `before`, `same` and `came`
    together are `after`.
    """
    return list(_joined(_by_lines(before.replace("\r\n", "\n"), after.replace("\r\n", "\n"))))


def _by_lines(before: str, after: str) -> Iterator[Run]:
    old, new = _LINE.findall(before), _LINE.findall(after)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, added = "".join(old[i:j]), "".join(new[k:m])
        if tag == "equal":
            yield Run(SAME, gone)
        else:
            yield from _by_words(_WORD.findall(gone), _WORD.findall(added))


def _by_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    if len(old) > MOST_WORDS or len(new) > MOST_WORDS:
        yield Run(WENT, "".join(old))
        yield Run(CAME, "".join(new))
        return
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run(SAME, "".join(old[i:j]))
        else:
            yield Run(WENT, "".join(old[i:j]))
            yield Run(CAME, "".join(new[k:m]))


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Without empty ones; neighbours of one kind in one."""
    last: Run | None = None
    for run in runs:
        if not run.text:
            continue
        if last and last.what == run.what:
            last = Run(last.what, last.text + run.text)
        else:
            if last:
                yield last
            last = run
    if last:
        yield last


def drawn(runs: Iterable[Run]) -> SafeString:
    """The runs as <ins> and <del>, each also in words for those who hear the page: {% differences change.text %}"""
    words = {
        CAME: ("ins", _("added:"), _("end of what was added")),
        WENT: ("del", _("removed:"), _("end of what was removed")),
    }
    pattern = '<{0}><span class="visually-hidden"> [{1} </span>{3}<span class="visually-hidden"> {2}] </span></{0}>'
    parts = []
    for what, text in runs:
        lines = fill_each("{}", ((line,) for line in text.split("\n")), between="<br>")
        parts.append(lines if what == SAME else fill(pattern, *words[what], lines))
    return fill_each("{}", ((part,) for part in parts))

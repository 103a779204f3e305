"""Two states of a text side by side in one: what stayed, what came, what went, word by word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peerhub.common.html import fill, fill_each

SAME, CAME, WENT = "same", "came", "went"
MOST_WORDS = 1500  # in one line; beyond it the whole line is said to be new, which costs nobody a minute
ALIKE, NEAR = 0.5, 12  # the share of words two lines have in common to be one line that was changed; how far it moved
_LINE, _WORD = re.compile(r"[^\n]*\n|[^\n]+"), re.compile(r"\w+|\s+|[^\w\s]+")


class Run(NamedTuple):
    """A stretch of text and what became of it."""

    what: str
    text: str


def differences(before: str, after: str) -> list[Run]:
    """Lines first, then the words of lines that resemble one another; other lines came or went whole. `same` and `went`
    together are `before`, `same` and `came` together are `after`.
    """
    return list(_joined(_by_lines(before.replace("\r\n", "\n"), after.replace("\r\n", "\n"))))


def _by_lines(before: str, after: str) -> Iterator[Run]:
    old, new = _LINE.findall(before), _LINE.findall(after)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run(SAME, "".join(old[i:j]))
        else:
            yield from _changed(old[i:j], new[k:m])


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    """A new line is told beside the next old one that resembles it; what has no twin went, or came after it."""
    done, came = 0, ""
    for line in new:
        near = range(done, min(len(old), done + NEAR))
        twin = next((place for place in near if _alike(_words(old[place]), _words(line))), None)
        if twin is None:
            came += line
            continue
        yield from (Run(WENT, "".join(old[done:twin])), Run(CAME, came))
        yield from _by_words(_words(old[twin]), _words(line))
        done, came = twin + 1, ""
    yield from (Run(WENT, "".join(old[done:])), Run(CAME, came))


def _words(line: str) -> list[str]:
    return _WORD.findall(line)


def _alike(old: Sequence[str], new: Sequence[str]) -> bool:
    if max(len(old), len(new)) > MOST_WORDS:
        return False
    matcher = SequenceMatcher(None, [one for one in old if one.isalnum()], [one for one in new if one.isalnum()])
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _by_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
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

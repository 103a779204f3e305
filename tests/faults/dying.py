"""Processes that die at a failpoint: one warmed-up process forks a child for each step, so that dying is cheap.

The parent never touches the database: each child has a connection of its own.
"""

import importlib
import json
import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peerhub.common import failpoints

ROOT = Path(__file__).resolve().parent.parent.parent


def names() -> list[str]:
    """All failpoints of the product, by reading it."""
    found: set[str] = set()
    for app in ("peerhub", "programmes", "training", "recognition", "safeguarding", "evaluation"):
        for path in ROOT.joinpath(app).rglob("*.py"):
            found |= set(re.findall(r'\bfailpoint\("([\w.]+)"\)', path.read_text()))
    return sorted(found)


class Passes:
    """Stands where the armed name would: notes every failpoint that is passed and lets all live."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __eq__(self, name: object) -> bool:
        self.seen.append(str(name))
        return False

    __hash__ = None  # type: ignore[assignment]


def in_child(work: Callable[[], object], failpoint: str = "") -> int:
    """Run in a forked child with that failpoint armed. The signal it died of, or 0."""
    pid = os.fork()
    if pid == 0:
        os.environ["PEERHUB_FAILPOINT"] = failpoint
        importlib.reload(failpoints)
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # a child must never go on as if it were the parent
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a step failed"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def told(work: Callable[[], Any]) -> Any:
    """What a piece of work in a child returns, by way of JSON."""
    read, write = os.pipe()

    def tell() -> None:
        with os.fdopen(write, "w") as out:
            json.dump(work(), out)

    assert in_child(tell) == 0
    os.close(write)
    with os.fdopen(read) as answer:
        return json.load(answer)


def passed(work: Callable[[], object]) -> list[str]:
    """Do it here, without dying: the failpoints it passes, in order, repeats included."""
    passes = Passes()
    failpoints._NAME = passes  # type: ignore[attr-defined]
    try:
        work()
    finally:
        failpoints._NAME = ""
    return passes.seen

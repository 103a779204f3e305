"""The uploaded file: kept privately while it is needed, forgotten after 30 days. Its digest stays."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from programmes.models import RosterImport, RosterJournal
from programmes.models.rosters import WORKING
from programmes.rosters.errors import RosterError

KEPT_FOR: Final = timedelta(days=30)
LEFT_BEHIND_AFTER: Final = timedelta(days=1)
FOLDER: Final = "rosters"
_COPY: Final = "peerhub-roster-"
_AT_ONCE: Final = 200


@contextmanager
def as_path(file: Any, name: str) -> Iterator[Path]:
    """A stored or uploaded file as a path with the name's ending, for the readers; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=_COPY) as folder:
        path = Path(folder) / f"roster{Path(name).suffix.lower()[:6]}"
        with path.open("wb") as target:
            file.seek(0)
            shutil.copyfileobj(file, target, 1 << 20)
        yield path


@contextmanager
def local_copy(roster_import: RosterImport) -> Iterator[Path]:
    """The import's file as a path. Refuses with RosterError (forgotten) when it is no longer kept."""
    with copy_of(roster_import.file.name or "", roster_import.file_name) as path:
        yield path


@contextmanager
def copy_of(stored: str, name: str) -> Iterator[Path]:
    """A stored file as a path with the ending of `name`. Refuses with RosterError (forgotten)."""
    if not stored or not default_storage.exists(stored):
        raise RosterError("forgotten", _("The file is no longer kept. Upload it again."))
    with default_storage.open(stored, "rb") as file, as_path(file, name) as path:
        yield path


def digest(file: Any) -> str:
    """SHA-256 of a file, as hexadecimal."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 and size in bytes of a file; of a folder, over the names and digests of its files."""
    if path.is_dir():
        parts = [(part.name, *digest_of(part)) for part in sorted(path.iterdir()) if part.is_file()]
        listed = "".join(f"{name}:{one}\n" for name, one, _size in parts)
        return hashlib.sha256(listed.encode()).hexdigest(), sum(size for _name, _one, size in parts)
    with path.open("rb") as file:
        return digest(file), path.stat().st_size


def forget_old_files(*, now: datetime) -> int:
    """Delete what need not be kept: journals when undo is over, files and problems after 30 days.

    Rows, counts and digests stay. Returns the number of files deleted.
    """
    RosterJournal.objects.filter(roster_import__undo_until__lt=now).exclude(roster_import__state__in=WORKING).delete()
    old = RosterImport.objects.exclude(state__in=WORKING).filter(created_at__lt=now - KEPT_FOR)
    old.exclude(problems=b"").update(problems=b"")
    forgotten = 0
    for roster_import in old.exclude(file="").order_by("pk")[:_AT_ONCE]:
        default_storage.delete(str(roster_import.file.name))
        RosterImport.objects.filter(pk=roster_import.pk).update(file="")
        forgotten += 1
    return forgotten


def forget_left_behind(*, now: datetime) -> int:
    """Delete lists of people that a process which died left lying: stored before its row was, or after it was gone,
    and copies that were being read on this machine. A day old, so that nobody works with them. Returns how many.
    """
    known = RosterImport.objects.exclude(file="").values_list("file", flat=True)
    return forget_unknown(FOLDER, known, now=now) + _forget_copies()


def forget_unknown(folder: str, wanted: Iterable[str], *, now: datetime) -> int:
    """Delete stored files of a folder that no row of `wanted` names, a day after they came. Returns how many."""
    names = default_storage.listdir(folder)[1] if default_storage.exists(folder) else []
    paths = {f"{folder}/{name}" for name in names}
    known = set(wanted) if paths else set()
    old = [path for path in paths - known if default_storage.get_modified_time(path) < now - LEFT_BEHIND_AFTER]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _forget_copies() -> int:
    """Folders of our own only, by the machine's clock: it is the machine's folder."""
    oldest = time.time() - LEFT_BEHIND_AFTER.total_seconds()
    found = [Path(entry.path) for entry in os.scandir(tempfile.gettempdir()) if _is_left_copy(entry, oldest)]
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return len(found)


def _is_left_copy(entry: "os.DirEntry[str]", oldest: float) -> bool:
    if not entry.name.startswith(_COPY) or not entry.is_dir(follow_symlinks=False):
        return False
    facts = entry.stat(follow_symlinks=False)
    return facts.st_uid == os.getuid() and facts.st_mtime < oldest

"""Bytes, safely: a folder, a zip or one file as named parts, within limits that hold before anything is unpacked.

Threat 19 of docs/security.md: archives and links are hostile until shown otherwise. A zip is judged by its directory
(entries, names, links, declared sizes) before a byte of content is read, and again by what really comes out.
"""

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext as _

from programmes.rosters.errors import RosterError

MB = 1024 * 1024
UPLOAD_LIMIT = 50 * MB
UNPACKED_LIMIT = 300 * MB
ENTRY_LIMIT = 2000
DIRECTORY_LIMIT = 1 * MB
RATIO_LIMIT = 200
RATIO_APPLIES_FROM = 10 * MB
TEXT_SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".tab"})
SHEET_SUFFIXES = frozenset({".xlsx", ".xlsm"})

_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x07"


@dataclass(frozen=True, slots=True)
class Part:
    """One file: its name as people see it, its size in bytes, and how to open it afresh."""

    name: str
    size: int
    opener: Callable[[], BinaryIO]

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes from the start. Damage found on the way is a `RosterError`."""
        with guard_damage(self.name), self.opener() as stream:
            yield stream

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()


@dataclass(frozen=True, slots=True)
class Source:
    """What was handed in. `is_package` for a folder or zip, which may hold a OneRoster export."""

    name: str
    parts: tuple[Part, ...]
    is_package: bool


@contextmanager
def guard_damage(name: str) -> Iterator[None]:
    """Turn what broken archives and unreadable files raise into one sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as error:
        message = _("The file is damaged or incomplete. Export it again and upload the new copy.")
        raise RosterError("damaged", message, file=name) from error
    except OSError as error:
        raise RosterError("unreadable", _("The file could not be read."), file=name) from error


def open_source(path: Path, *, name: str = "") -> Source:
    """The folder, zip or file at `path`; `name` is what the person called it. Raises RosterError.

    Refusals: missing, empty, too_large, and those of the archive (see `read_archive`).
    """
    name = name or path.name
    if path.is_dir():
        return _open_folder(path, name)
    if not path.is_file():
        raise RosterError("missing", _("There is no file or folder with this name."), file=name)
    size = path.stat().st_size
    if size == 0:
        raise RosterError("empty", _("The file is empty (0 bytes)."), file=name)
    if size > UPLOAD_LIMIT:
        message = _("The file is larger than %(limit)s MB. Split it, or ask an administrator to import it.") % {
            "limit": UPLOAD_LIMIT // MB
        }
        raise RosterError("too_large", message, file=name)
    if is_zip(path) and not is_workbook(path, name):
        return Source(name, tuple(read_archive(path, name)), is_package=True)
    return Source(name, (Part(name, size, lambda: path.open("rb")),), is_package=False)


def _open_folder(folder: Path, name: str) -> Source:
    parts = []
    total = 0
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith(".") or Path(entry.name).suffix.lower() not in TEXT_SUFFIXES:
            continue
        if entry.is_symlink():
            raise RosterError(
                "link", _("The folder holds a link to another place. Only plain files are read."), file=entry.name
            )
        if entry.is_file(follow_symlinks=False):
            size = entry.stat(follow_symlinks=False).st_size
            total += size
            parts.append(Part(entry.name, size, _plain_opener(entry.path)))
    if total > UNPACKED_LIMIT:
        raise RosterError("too_large", _("The files in this folder are too large together."), file=name)
    if not parts:
        raise RosterError("no_tables", _("There is no CSV file in this folder."), file=name)
    return Source(name, tuple(parts), is_package=True)


def _plain_opener(path: str) -> Callable[[], BinaryIO]:
    return lambda: Path(path).open("rb")


def is_zip(path: Path) -> bool:
    """True for a zip by its first bytes, whatever its name."""
    with path.open("rb") as stream:
        return stream.read(4) in {b"PK\x03\x04", _END}


def is_workbook(path: Path, name: str) -> bool:
    """True when a zip is an Excel or OpenDocument workbook rather than a package of CSV files."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    return (
        Path(name).suffix.lower() in SHEET_SUFFIXES
        or b"[Content_Types].xml" in head
        or b"mimetypeapplication/vnd.oasis" in head
    )


def is_workbook_part(part: Part) -> bool:
    """True when a part is a zip inside, that is, a workbook under another name."""
    with part.open() as stream:
        return stream.read(4) == b"PK\x03\x04"


def check_directory_of(stream: BinaryIO, name: str) -> None:
    """Refuse an archive by its directory's size before Python reads it: 100,000 entries cost a second and 60 MB."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 65_557 - 20))
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise zipfile.BadZipFile
    entries, directory = (
        struct.unpack("<H", tail[at + 10 : at + 12])[0],
        struct.unpack("<I", tail[at + 12 : at + 16])[0],
    )
    if entries > ENTRY_LIMIT or directory > DIRECTORY_LIMIT or tail[max(0, at - 20) : at].startswith(_END_64):
        message = _("The archive holds too many files. A roster package has about a dozen.")
        raise RosterError("too_many_files", message, file=name)


def read_archive(path: Path, name: str) -> Iterator[Part]:
    """The CSV files of a zip as parts. Nothing is unpacked to disk.

    Refusals: damaged, too_many_files, encrypted, link, path, twice, zip_bomb, compression, no_tables.
    """
    with guard_damage(name):
        with path.open("rb") as stream:
            check_directory_of(stream, name)
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            check_entries(infos, name)
    wanted = [info for info in infos if _is_table(info.filename)]
    if not wanted:
        raise RosterError("no_tables", _("There is no CSV file in this archive."), file=name)
    seen: set[str] = set()
    for info in wanted:
        short = PurePosixPath(info.filename).name
        if short.lower() in seen:
            raise RosterError("twice", _("The archive holds two files with the same name."), file=short)
        seen.add(short.lower())
        yield Part(short, info.file_size, _zip_opener(path, info))


def _is_table(filename: str) -> bool:
    path = PurePosixPath(filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in TEXT_SUFFIXES and not hidden


def check_entries(infos: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse an archive whose directory already shows that it is not a plain package."""
    total = 0
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in info.filename or "\0" in info.filename:
            raise RosterError("path", _("The archive names a file outside itself. It was not opened."), file=name)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RosterError(
                "link",
                _("The archive holds a link to another place. Only plain files are read."),
                file=info.filename[:80],
            )
        if info.flag_bits & 0x1:
            raise RosterError(
                "encrypted", _("The archive is protected with a password. Upload it without one."), file=name
            )
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise RosterError(
                "compression", _("The archive is compressed in an unusual way. Make an ordinary zip."), file=name
            )
        total += info.file_size
        swells = info.file_size > RATIO_APPLIES_FROM and info.file_size > RATIO_LIMIT * max(1, info.compress_size)
        if total > UNPACKED_LIMIT or swells:
            raise RosterError(
                "zip_bomb", _("The archive would unpack to far more than a roster needs. It was not opened."), file=name
            )


def _zip_opener(path: Path, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        return io.BufferedReader(_Entry(path, info), buffer_size=256 * 1024)

    return opener


class _Entry(io.RawIOBase):
    """One zip entry that stops at its declared size, so that a directory which lies gains nothing."""

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        super().__init__()
        self._archive = zipfile.ZipFile(path)
        self._entry = self._archive.open(info)
        self._left = info.file_size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._entry.read(min(len(buffer), 256 * 1024))
        self._left -= len(data)
        if self._left < 0:
            raise zipfile.BadZipFile
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._entry.close()
            self._archive.close()
        super().close()

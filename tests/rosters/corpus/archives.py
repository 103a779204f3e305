"""Zips that are damaged or hostile."""

import io
import struct
import zipfile
from pathlib import Path

from tests.rosters.corpus.case import GOOD, HEAD, Case

LIST = HEAD + GOOD


def packed(*entries: tuple[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of (name, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def _link() -> bytes:
    info = zipfile.ZipInfo("users.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def _bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("users.csv", "w", force_zip64=True) as entry,
    ):
        for _time in range(40):
            entry.write(b"0" * 1_000_000)


def _lying(path: Path) -> None:
    """A directory that declares 100 bytes for an entry of 20 MB."""
    data = bytearray(packed(("list.csv", LIST + "x" * 20_000_000)))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(bytes(data))


def _many(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100_000):
            archive.writestr(f"{number}.csv", "")


def _encrypted() -> bytes:
    data = bytearray(packed(("list.csv", LIST)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1
    return bytes(data)


def _linked_folder(path: Path) -> None:
    path.mkdir()
    (path / "users.csv").symlink_to("/etc/passwd")


def _empty_folder(path: Path) -> None:
    path.mkdir()
    (path / "readme.md").write_text("nothing here")


OUT = "The archive names a file outside itself."

ARCHIVES = (
    Case(
        "truncated zip", "pack.zip", packed(("list.csv", LIST))[:-30], "damaged", "The file is damaged or incomplete."
    ),
    Case("zip of nothing", "pack.zip", packed(), "no_tables", "There is no CSV file in this archive."),
    Case(
        "zip of pictures",
        "pack.zip",
        packed(("photo.png", b"\x89PNG")),
        "no_tables",
        "There is no CSV file in this archive.",
    ),
    Case("path upwards", "pack.zip", packed(("../../etc/users.csv", LIST)), "path", OUT),
    Case("path from the root", "pack.zip", packed(("/etc/users.csv", LIST)), "path", OUT),
    Case("path with a drive", "pack.zip", packed(("C:\\users.csv", LIST)), "path", OUT),
    Case("path with backslashes", "pack.zip", packed(("..\\..\\users.csv", LIST)), "path", OUT),
    Case("link in a zip", "pack.zip", _link(), "link", "The archive holds a link to another place."),
    Case("link in a folder", "package", _linked_folder, "link", "The folder holds a link to another place."),
    Case("folder without tables", "package", _empty_folder, "no_tables", "There is no CSV file in this folder."),
    Case("zip bomb", "pack.zip", _bomb, "zip_bomb", "would unpack to far more than a roster needs"),
    Case("zip whose directory lies", "pack.zip", _lying, "damaged", "The file is damaged or incomplete."),
    Case("a hundred thousand files", "pack.zip", _many, "too_many_files", "The archive holds too many files."),
    Case("protected zip", "pack.zip", _encrypted(), "encrypted", "The archive is protected with a password."),
    Case(
        "unusual compression",
        "pack.zip",
        packed(("list.csv", LIST), method=zipfile.ZIP_LZMA),
        "compression",
        "compressed in an unusual way",
    ),
    Case(
        "same name twice",
        "pack.zip",
        packed(("a/users.csv", LIST), ("b/USERS.csv", LIST)),
        "twice",
        "two files with the same name",
    ),
    Case(
        "several tables",
        "pack.zip",
        packed(("one.csv", LIST), ("two.csv", LIST)),
        "several_tables",
        "Upload one table at a time.",
    ),
    Case(
        "bad bytes inside a zip",
        "pack.zip",
        packed(("list.csv", LIST.encode() + b"a\0b")),
        "not_text",
        "The file holds zero bytes",
    ),
)

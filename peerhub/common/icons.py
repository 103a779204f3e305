"""Icons: Bootstrap Icons 1.13 (MIT), drawn into the page. No icon font, no sprite, no request.

To add one, put its file from the npm package `bootstrap-icons` into peerhub/common/icons/; its name is the file's name.
"""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "icons"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_DRAWING = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class UnknownIcon(LookupError):
    """There is no file of that name in the folder."""


@cache
def drawing(name: str) -> str:
    """What stands inside the <svg> of the icon's file. Trusted: the files ship with the code."""
    path = FOLDER / f"{name}.svg"
    if not _NAME.match(name) or not path.is_file():
        raise UnknownIcon(f"There is no icon {name!r}. Icons are the files in {FOLDER}.")
    found = _DRAWING.search(path.read_text(encoding="utf-8"))
    if found is None:
        raise UnknownIcon(f"{path} holds no drawing.")
    return re.sub(r">\s+<", "><", found.group(1).strip())

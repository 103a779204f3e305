"""HTML conformance with the Nu checker (a jar from npm, run by Java)."""

import json
import subprocess
import tempfile
from pathlib import Path

from tests import services

# What the checker says of things that are right, with the reason.
IGNORED = (
    "Trailing slash on void elements has no effect",  # form packs write <input />
    # Rows of a table become cards on a phone (.ph-rows); WebKit then forgets what they are unless it is said.
    *(
        f"The “role” attribute must not be used on a “{name}” element which has a “table” ancestor"
        for name in ("tr", "th", "td")
    ),
)

# What a page fetches of itself is judged where it will stand.
FRAME = '<!DOCTYPE html><html lang="en"><head><title>A part of a page</title></head><body>{}</body></html>'


def html_faults(pages: dict[str, str]) -> list[str] | None:
    """Errors by page name; None when this machine cannot run the checker."""
    java, jar = services.java(), services.vnu_jar()
    if not java or not jar:
        return None
    with tempfile.TemporaryDirectory(prefix="peerhub-html-") as folder:
        names = {}
        for number, (name, html) in enumerate(pages.items()):
            path = Path(folder) / f"{number:04d}.html"
            path.write_text(html if html.lstrip()[:9].lower() == "<!doctype" else FRAME.format(html))
            names[path.name] = name
        command = [java, "-Xss4m", "-jar", str(jar), "--format", "json", "--exit-zero-always", "--stdout", folder]
        reply = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    faults = []
    for message in json.loads(reply.stdout)["messages"]:
        if message["type"] != "error" or message["message"].startswith(IGNORED):
            continue
        name = names[message["url"].rpartition("/")[2]]
        faults.append(
            f"{name}:{message.get('lastLine', '?')}: {message['message']} {message.get('extract', '')[:90]!r}"
        )
    return faults

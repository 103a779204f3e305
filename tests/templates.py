"""Compile every template of ours, so that a misspelt tag is found before somebody opens the page.

Part of `make lint`.
"""

import os
import re
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.conf import settings
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template

LONGEST = 160  # lines; longer ones are split into partials
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")
FORBIDDEN = ("|safe", "{% autoescape off", "javascript:")
INLINE = (" style=", " onclick=", "<style")


def faults(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".html", ".txt"}:
            continue
        name = path.relative_to(folder).as_posix()
        text = path.read_text()
        try:
            get_template(name)
        except (TemplateSyntaxError, TemplateDoesNotExist) as error:
            found.append(f"{name}: {error}")
        if text.count("\n") > LONGEST:
            found.append(f"{name}: {text.count(chr(10))} lines, more than {LONGEST}")
        if not name.startswith("emails/") and path.suffix == ".html":
            markup = TAG.sub("", text)
            found += [f"{name}: contains {part}" for part in FORBIDDEN if part in text]
            found += [f"{name}: contains {part}" for part in INLINE if part in markup]
            if path.name.startswith("_") and not text.startswith("{#"):
                found.append(f"{name}: a partial begins with a comment naming what it expects")
    return found


def main() -> int:
    found = faults(settings.BASE_DIR / "templates")
    print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

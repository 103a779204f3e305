"""Follow every link the cast sees and print what each page asked of the database. Runs on one database, in-process.

One line of JSON: a list of {persona, name, path, status, queries, repeated, bytes}; up to three pages of each URL name
for each person, so that a list with and without rows are both seen.
"""

import json
import os
import re
import sys
from collections import Counter, deque
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.test import Client
from django.urls import Resolver404, resolve

from tests.bench.cast import cast
from tests.bench.client import TIMING

LINK = re.compile(rb'<a\b[^>]*?\bhref="(/[^"#]*)')
SKIPPED = ("/admin/", "/static/", "/media/", "/demo/", "/accounts/logout/")
SAMPLES = 3


def name_of(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""


def visit(client: Client, persona: str, path: str) -> tuple[dict[str, Any], bytes]:
    response = client.get(path)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    numbers = {name: description for name, _, description in TIMING.findall(response.headers.get("Server-Timing", ""))}
    page = {"persona": persona, "name": name_of(path), "path": path, "status": response.status_code, "bytes": len(body)}
    page |= {"queries": int(numbers.get("db") or 0), "repeated": int(numbers.get("dup") or 0)}
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return page | {"html": is_page}, body if is_page else b""


def walk(persona: str, client: Client, limit: int) -> list[dict[str, Any]]:
    """Breadth first from the home page."""
    visit(client, persona, "/")  # the first request of a process pays for imports and caches
    pages, seen, times, queue = [], {"/"}, Counter[str](), deque(["/"])
    while queue and len(pages) < limit:
        path = queue.popleft()
        name = name_of(path)
        if not name or times[name] >= SAMPLES or path.startswith(SKIPPED):
            continue
        times[name] += 1
        page, body = visit(client, persona, path)
        if page["status"] == 200:
            pages.append(page)
        for link in LINK.findall(body):
            following = link.decode().replace("&amp;", "&")
            if following not in seen:
                seen.add(following)
                queue.append(following)
    return pages


def main(limit: int = 400) -> None:
    found = walk("", Client(), limit)
    for persona, user in cast().items():
        client = Client()
        client.force_login(user)
        found += walk(persona, client, limit)
    print(json.dumps(found))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

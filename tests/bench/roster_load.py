"""Import 100,000 people into a cycle and again, beside COPY and upsert of the same rows.

Runs on one database, in-process. One line of JSON: seconds of each, queries, writes of the second time, memory grown.
"""

import csv
import io
import json
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.db import connection
from django.utils import timezone

from programmes.models import Cycle, Membership
from programmes.services.rosters.applying import Wanted
from programmes.services.rosters.from_path import check_path, import_path
from tests import factories as make

HEAD = ("Student ID", "First name", "Surname", "Email", "Preferred name", "Pronouns", "Department")
GIVEN = (
    *("Amara", "Ben", "Rhian", "Dev", "Helen", "Imran", "Carys", "Zoë", "Mei", "Łukasz", "Siân", "Ngozi", "Aoife"),
    *("José", "Fatima", "Yusuf", "Priya", "Chen", "O'Neil"),
)
FAMILY = (
    *("Okafor", "Lin", "Rees", "Núñez", "Müller", "Smith", "Jones", "Evans", "Davies", "Khan", "Patel", "Nguyen"),
    *("McDonald", "Brzęczyszczykiewicz"),
)
FLOOR = (
    "CREATE TABLE IF NOT EXISTS floor_roster (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text UNIQUE, "
    "given text, family text, email text UNIQUE, preferred text, pronouns text, department text);"
    "CREATE INDEX IF NOT EXISTS floor_by_name ON floor_roster (family, given); TRUNCATE floor_roster;"
    "DROP TABLE IF EXISTS floor_new; CREATE TEMP TABLE floor_new (number text, given text, family text, email text, "
    "preferred text, pronouns text, department text)"
)
UPSERT = (
    "INSERT INTO floor_roster (number, given, family, email, preferred, pronouns, department) SELECT * FROM floor_new "
    "ON CONFLICT (number) DO UPDATE SET given = EXCLUDED.given, family = EXCLUDED.family "
    "WHERE (floor_roster.given, floor_roster.family) IS DISTINCT FROM (EXCLUDED.given, EXCLUDED.family)"
)


def write_roster(path: Path, rows: int, seed: int) -> None:
    """A list of that many people, the same every time."""
    draw = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for number in range(rows):
            given, family = draw.choice(GIVEN), draw.choice(FAMILY)
            address = f"s{seed}{number:07d}@student.aberwen.ac.uk"
            preferred, pronouns = draw.choice(["", "", given[:3]]), draw.choice(["", "she/her", "they/them"])
            writer.writerow([f"{seed}{number:07d}", given, family, address, preferred, pronouns, "Chemistry"])


def floor_seconds(path: Path) -> float:
    """COPY into a temporary table, then INSERT … ON CONFLICT: what the database can do (performance.md, 2.2)."""
    with connection.cursor() as cursor:
        cursor.execute(FLOOR)
        started = time.perf_counter()
        rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
        next(rows)
        buffer = io.StringIO()
        csv.writer(buffer).writerows(rows)
        buffer.seek(0)
        cursor.execute("BEGIN")
        cursor.cursor.copy_expert("COPY floor_new FROM STDIN WITH (FORMAT csv)", buffer, 1 << 20)
        cursor.execute(UPSERT)
        cursor.execute("COMMIT")
        return time.perf_counter() - started


@contextmanager
def counted(seen: list[str]) -> Any:
    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


def timed(act: Callable[[], Any]) -> tuple[float, list[str], Any]:
    seen: list[str] = []
    started = time.perf_counter()
    with counted(seen):
        result = act()
    return time.perf_counter() - started, seen, result


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def writes(statements: list[str]) -> int:
    return sum(sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "COPY")) for sql in statements)


def measure(rows: int) -> dict[str, float]:
    cycle: Cycle = make.CycleFactory(capacity=None)
    with TemporaryDirectory() as folder:
        path, warm = Path(folder) / "roster.csv", Path(folder) / "warm.csv"
        write_roster(path, rows, seed=7)
        write_roster(warm, 2000, seed=8)

        def wanted(of: Path) -> Wanted:
            return Wanted(path=of, name=of.name, now=timezone.now(), cycle=cycle, role="participant")

        import_path(actor=None, wanted=wanted(warm), now=timezone.now())
        floors = [floor_seconds(path)]
        checked, check_queries, _outcome = timed(lambda: check_path(wanted(path)))
        before = peak_megabytes()
        first, queries, (outcome, _row) = timed(
            lambda: import_path(actor=None, wanted=wanted(path), now=timezone.now())
        )
        grown = peak_megabytes() - before
        floors.append(floor_seconds(path))
        again, again_queries, (second, _none) = timed(
            lambda: import_path(actor=None, wanted=wanted(path), now=timezone.now())
        )
        floors.append(floor_seconds(path))
    if (
        outcome.counts["memberships"]["created"] != rows
        or Membership.objects.filter(cycle=cycle).count() != rows + 2000
    ):
        raise RuntimeError(f"not everybody came in: {outcome.counts}")
    return {
        "floor": sorted(floors)[1],
        "check": checked,
        "check_queries": len(check_queries),
        "first": first,
        "queries": len(queries),
        "again": again,
        "again_writes": writes(again_queries) + second.writes,
        "megabytes": grown,
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))

"""`make bench`: measure the speed goals, print a table, write var/bench.json. `ONLY=P5,R1 make bench` runs some."""

import json
import os
import sys
import time
from pathlib import Path

from tests.bench import (  # noqa: F401 - importing registers their measurements
    cadence,
    calendar,
    check_in,
    fairness,
    faults,
    heavy,
    outbox,
    pages,
    roster,
    series,
    survival,
    training,
)
from tests.bench.registry import Result, wanted
from tests.bench.stage import ROOT, bench, say

OUTPUT = ROOT / "var" / "bench.json"


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


def verdict(result: Result) -> str:
    return "ok" if result.ok else ("over, within 1.5x" if result.tolerable else "OVER")


def table(results: list[Result]) -> str:
    rows = [("goal", "what", "value", "unit", "bound", "")]
    rows += [(r.goal, r.name, number(r.value), r.unit, number(r.bound), verdict(r)) for r in results]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2]), row[3].ljust(widths[3])]
        lines.append("  ".join([*cells, row[4].rjust(widths[4]), row[5]]).rstrip())
    return "\n".join(lines)


def main() -> int:
    only = {part.strip().upper() for part in os.environ.get("ONLY", "").split(",") if part.strip()}
    results: list[Result] = []
    failures: list[str] = []
    with bench() as stage:
        for measurement in wanted(only):
            started = time.monotonic()
            name = f"{measurement.__module__.rpartition('.')[2]}.{measurement.__name__}"
            try:
                results += [r for r in measurement(stage) if not only or r.goal.upper() in only]
            except Exception as error:  # one broken measurement must not hide the others
                failures.append(f"{name}: {type(error).__name__}: {error}")
                say(failures[-1])
            say(f"{name} took {time.monotonic() - started:.0f} s")
    results.sort(key=lambda r: (r.goal[0], int("".join(filter(str.isdigit, r.goal)) or 0)))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    Path(OUTPUT).write_text(json.dumps([result.as_json() for result in results], indent=1) + "\n")
    print(table(results))
    for failure in failures:
        print(f"could not be measured: {failure}")
    return int(bool(failures) or not all(result.tolerable for result in results))


if __name__ == "__main__":
    sys.exit(main())

"""`make test`: everything, once on SQLite and once on PostgreSQL with Redis; the browser journeys in the last run.

What the machine lacks is found, started privately, or installed (tests/services.py). What could still not run is named
just above pytest's last line, and with CI=true it is a failure.
"""

import os
import subprocess
import sys
import time
from contextlib import ExitStack

from tests import services

ONCE = "journey or slow or pure or once"  # what the kind of database cannot change: in the last run only


def find_services(stack: ExitStack) -> tuple[dict[str, str], list[str]]:
    """The environment of the second run, and what could not be had."""
    env, missing = {}, []
    try:
        server = stack.enter_context(services.postgres(install=True))
        env["DATABASE_URL"] = services.with_database(server.url, f"peerhub_{os.getpid()}")
    except services.NotAvailableError as error:
        missing.append(str(error))
    try:
        env["REDIS_URL"] = stack.enter_context(services.redis_server(install=True)).url
    except services.NotAvailableError as error:
        missing.append(str(error))
    if not services.chromium(install=True):
        missing.append("Browser journeys: no Chromium (apt install chromium)")
    if not services.java(install=True) or not services.vnu_jar(install=True):
        missing.append("HTML conformance: needs Java and npm (apt install default-jre-headless npm)")
    return env, missing


def run_pytest(title: str, marker: str, env: dict[str, str], notes: list[str], arguments: list[str]) -> int:
    workers = os.environ.get("PEERHUB_TEST_WORKERS") or str(min(4, os.cpu_count() or 2))
    command = [sys.executable, "-m", "pytest", "-q", "-m", marker, "-n", workers, "--dist", "loadgroup", *arguments]
    inherited = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    }
    print(f"\n=== {title} ===", flush=True)
    started = time.monotonic()
    code = subprocess.run(command, env={**inherited, **env, "PEERHUB_TEST_NOTES": "\n".join(notes)}).returncode
    if code:
        notes.append(f"The run on {title} failed (see above).")
    else:
        notes.append(f"The run on {title} passed in {time.monotonic() - started:.0f} s.")
    return code


def main(arguments: list[str]) -> int:
    strict = os.environ.get("CI", "").lower() in {"1", "true"}
    with ExitStack() as stack:
        env, missing = find_services(stack)
        notes = [f"Could not run: {reason}" for reason in missing]
        no_browser = [] if services.chromium() else ["not journey"]
        second = "DATABASE_URL" in env
        clauses = ["not postgres", "not redis", *([f"not ({ONCE})"] if second else no_browser)]
        codes = [run_pytest("SQLite", " and ".join(clauses), {}, notes, arguments)]
        if second:
            clauses = ([] if "REDIS_URL" in env else ["not redis"]) + no_browser
            codes.append(run_pytest("PostgreSQL and Redis", " and ".join(clauses), env, notes, arguments))
    failed = next((code for code in codes if code), 0)
    return failed or int(strict and bool(missing))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make lint`: every check that needs no running test, two at a time. Prints what failed, and the time each took."""

import concurrent.futures
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "peerhub.settings",
    "SECRET_KEY": "lint-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "ALLOWED_HOSTS": "peerhub.example.ac.uk",
    "SITE_URL": "https://peerhub.example.ac.uk",
    "DATABASE_URL": "postgresql://peerhub:secret@db.internal/peerhub",
    "REDIS_URL": "redis://redis.internal/0",
    "EMAIL_URL": "smtp+tls://user:secret@smtp.internal:587",
    "DEFAULT_FROM_EMAIL": "PeerHub <peerhub@example.ac.uk>",
    "PEERHUB_SIGNUP_DOMAINS": "example.ac.uk",
    "PEERHUB_TRUSTED_PROXIES": "1",
}
APPS = ("peerhub", "programmes", "training", "recognition", "safeguarding", "evaluation")

PYTHON = [sys.executable]
DEVELOPMENT = {"DJANGO_SETTINGS_MODULE": "peerhub.settings"}
CHECKS: list[tuple[str, list[str], dict[str, str]]] = [
    ("mypy", [str(BIN / "mypy"), "--no-error-summary"], DEVELOPMENT),
    ("ruff check", [str(BIN / "ruff"), "check", "--quiet", "."], {}),
    ("ruff format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."], {}),
    ("import-linter", [str(BIN / "lint-imports"), "--no-cache"], {}),
    ("templates: style", [str(BIN / "djlint"), "templates", "--lint", "--quiet"], {}),
    ("templates: compile", [*PYTHON, "-m", "tests.templates"], DEVELOPMENT),
    ("migrations", [*PYTHON, "manage.py", "makemigrations", "--check", "--dry-run", "--verbosity", "1"], DEVELOPMENT),
    ("check", [*PYTHON, "manage.py", "check", "--fail-level", "WARNING"], DEVELOPMENT),
    ("check --deploy", [*PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
]


def run(name: str, command: list[str], extra: dict[str, str]) -> tuple[str, int, str, float]:
    inherited = {key: value for key, value in os.environ.items() if key not in PRODUCTION}
    started = time.monotonic()
    reply = subprocess.run(
        command,
        cwd=ROOT,
        env={**inherited, **extra},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return name, reply.returncode, reply.stdout.strip(), time.monotonic() - started


def main() -> int:
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 2)) as pool:
        for done in concurrent.futures.as_completed([pool.submit(run, *check) for check in CHECKS]):
            name, code, output, seconds = done.result()
            failed += bool(code)
            print(f"{'FAILED' if code else 'ok':6} {name} ({seconds:.0f} s)", flush=True)
            if code:
                print(output, flush=True)
    print(f"lint: {failed} of {len(CHECKS)} checks failed" if failed else f"lint: all {len(CHECKS)} checks passed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())

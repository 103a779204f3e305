"""Production refuses to start with what would hurt later; with a good environment everything is quiet."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "DJANGO_SETTINGS_MODULE": "peerhub.settings",
    "SECRET_KEY": "a-test-of-production-0123456789-ABCDEFGHIJ-abcdefghij-!$%",
    "ALLOWED_HOSTS": "peerhub.example.ac.uk",
    "SITE_URL": "https://peerhub.example.ac.uk",
    "DATABASE_URL": "postgresql://peerhub:secret@db.internal/peerhub",
    "REDIS_URL": "redis://redis.internal/0",
    "EMAIL_URL": "smtp+tls://user:secret@smtp.internal:587",
    "DEFAULT_FROM_EMAIL": "PeerHub <peerhub@example.ac.uk>",
    "PEERHUB_SIGNUP_DOMAINS": "example.ac.uk",
    "PEERHUB_TRUSTED_PROXIES": "1",
}
REFUSED = {
    "no secret key": ({"SECRET_KEY": ""}, "SECRET_KEY is the one from the source code"),
    "django's placeholder": ({"SECRET_KEY": "django-insecure-" + "x7" * 30}, "SECRET_KEY is the one from the source"),
    "short secret key": ({"SECRET_KEY": "short"}, "SECRET_KEY is too easy to guess"),
    "dull secret key": ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is too easy to guess"),
    "debug": ({"DEBUG": "1"}, "DEBUG shows strangers"),
    "no hosts": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is empty"),
    "any host": ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS contains a wildcard"),
    "another host": ({"ALLOWED_HOSTS": "other.example.ac.uk"}, "is not in ALLOWED_HOSTS"),
    "plain http": ({"SITE_URL": "http://peerhub.example.ac.uk"}, "SITE_URL must start with https://"),
    "sqlite": ({"DATABASE_URL": ""}, "The database is SQLite"),
    "a failpoint": ({"PEERHUB_FAILPOINT": "outbox.after_smtp"}, "kill PeerHub in tests: unset them"),
    "failpoints": ({"PEERHUB_ALLOW_FAILPOINTS": "1"}, "kill PeerHub in tests: unset them"),
    "demo in public": ({"PEERHUB_DEMO": "1"}, "PEERHUB_DEMO lets anybody sign in as anybody"),
}


@pytest.fixture(scope="module")
def folder():
    with tempfile.TemporaryDirectory() as place:
        yield place


def run(folder, *command, **changed):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "PEERHUB_VAR_DIR": folder, **GOOD, **changed}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env={k: v for k, v in env.items() if v}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(("changed", "words"), REFUSED.values(), ids=REFUSED)
def test_web_refuses_to_start(folder, changed, words):
    reply = run(folder, "-c", "import peerhub.wsgi", **changed)
    assert reply.returncode != 0
    assert words in reply.stderr


@pytest.mark.parametrize("command", [["worker", "--pool", "solo"], ["beat"]])
def test_worker_and_planner_refuse_to_start(folder, command):
    reply = run(folder, "-m", "celery", "--app", "peerhub", *command, SECRET_KEY="", REDIS_URL="")
    assert reply.returncode != 0
    assert "SECRET_KEY is the one from the source code" in reply.stderr + reply.stdout


def test_check_deploy_says_all_at_once_and_is_quiet_when_all_is_well(folder):
    good = run(folder, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert good.returncode == 0, good.stdout + good.stderr
    bad = run(folder, "manage.py", "check", "--deploy", SECRET_KEY="", ALLOWED_HOSTS="*", DATABASE_URL="")
    for number in ("E002", "E006", "E009"):
        assert f"peerhub.production.{number}" in bad.stderr


def test_good_environments_start(folder):
    assert run(folder, "-c", "import peerhub.wsgi, peerhub.asgi").returncode == 0
    small = {"DATABASE_URL": "", "REDIS_URL": "", "PEERHUB_ALLOW_SQLITE": "1"}
    assert run(folder, "-c", "import peerhub.wsgi", **small).returncode == 0
    trial = {"SITE_URL": "http://localhost:8000", "ALLOWED_HOSTS": "localhost,127.0.0.1"}
    assert run(folder, "-c", "import peerhub.wsgi", **trial).returncode == 0
    assert run(folder, "-c", "import peerhub.wsgi", **trial, PEERHUB_DEMO="1", SECRET_KEY="").returncode == 0
    assert run(folder, "-c", "import peerhub.wsgi", PEERHUB_DEMO="1", PEERHUB_DEMO_PUBLIC="1").returncode == 0

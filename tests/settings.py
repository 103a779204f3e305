"""The product's settings with what makes tests fast and strict. Processes that tests start use peerhub.settings itself.

DATABASE_URL and REDIS_URL choose what the suite runs on (tests/run.py sets them); without them it is SQLite and memory.
"""

import base64
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

os.environ.setdefault("PEERHUB_VAR_DIR", tempfile.mkdtemp(prefix="peerhub-tests-"))
os.environ.setdefault("SITE_URL", "http://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("PEERHUB_SIGNUP_DOMAINS", "aberwen.ac.uk=staff,student.aberwen.ac.uk=student")

from peerhub.settings import *  # noqa: F403 - the one place where a star is honest: everything, then the differences
from peerhub.settings import BASE_DIR, CACHES, DATABASES, REDIS_URL, STATIC_ROOT, STORAGES, TEMPLATES
from tests.guards import UndefinedVariable

SECRET_KEY = "tests-only-" + "x" * 50
PEERHUB_KEK_EQUALITY = "tests:" + base64.b64encode(bytes(range(32))).decode()
# Personas sign in without a second step; tests of that step name the roles themselves.
PEERHUB_MFA_ROLES: list[str] = []
# As if PeerHub were translated: choosing a language is tested before there is one to choose.
LANGUAGES = [("en-gb", "English"), ("cy", "Welsh"), ("es", "Spanish")]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable(str(BASE_DIR))

# Each xdist worker has a database of its own (pytest-django), and of Redis too: clearing a cache empties all of it.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
if REDIS_URL:
    _NUMBER = 1 + int(_WORKER.removeprefix("gw")) if _WORKER.startswith("gw") else 0
    CACHES["default"]["LOCATION"] = urlsplit(REDIS_URL)._replace(path=f"/{_NUMBER}").geturl()
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": _WORKER}}
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing folder
# Doorbells ring in memory: a unit test has no worker to wake.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file rather than memory: threads of a race test must meet in one database.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(os.environ["PEERHUB_VAR_DIR"]) / f"test-{_WORKER}.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=20000;"
    )

"""Sign everybody of the demo's cast in and print their session keys. Runs in a process of its own, on one database."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from peerhub.accounts.models import User

CAST = ("amara", "ben", "rhian", "imran", "dev", "helen", "carys")


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def cast() -> dict[str, User]:
    """The demo's people by given name, lower case; the demo gives each of these names to one account of the cast."""
    found = User.objects.filter(email__regex=rf"^({'|'.join(CAST)})\.").order_by("pk")
    people: dict[str, User] = {}
    for user in found:
        people.setdefault(str(user.email).partition(".")[0], user)
    return people


if __name__ == "__main__":
    print(json.dumps({name: session_of(user) for name, user in cast().items()}))

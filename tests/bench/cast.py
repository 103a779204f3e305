"""Sign everybody of the demo's cast in and print their session keys. Runs in a process of its own, on one database."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from peerhub.accounts.models import User
from peerhub.demo.cast import CAST


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "peerhub.accounts.backends.EmailBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def cast() -> dict[str, User]:
    """The demo's people by their key."""
    there = User.objects.filter(email__in=[one.email for one in CAST]).in_bulk(field_name="email")
    return {one.key: there[one.email] for one in CAST if one.email in there}


if __name__ == "__main__":
    print(json.dumps({name: session_of(user) for name, user in cast().items()}))

"""Fill the floor's database and print a signed-in session's cookie. Runs in a process of its own."""

import datetime
import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.baseline.settings"
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command

from tests.bench.baseline.models import Lesson, Mark, Meeting, Tick

TICKS = 100_000
GRID = 7  # the programme whose lessons and people the grid shows
PEOPLE, LESSONS = 58, 30


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    user = User.objects.create_user("bench", "bench@example.org")
    monday = datetime.date(2026, 1, 5)
    weeks = [monday + datetime.timedelta(weeks=number % 30) for number in range(1800)]
    meetings = Meeting.objects.bulk_create(
        Meeting(title=f"Programme {number // 30} week {number % 30}", held_on=week) for number, week in enumerate(weeks)
    )
    Tick.objects.bulk_create(
        (
            Tick(
                meeting=meetings[number % 1800],
                person=f"Student Number {number % 5800}",
                number=f"{number % 5800:08d}",
                week=weeks[number % 1800],
                status="present",
                minutes=60,
            )
            for number in range(TICKS)
        ),
        batch_size=5000,
    )
    lessons = Lesson.objects.bulk_create(
        Lesson(programme=GRID, title=f"Programme {GRID} week {week}", held_on=monday + datetime.timedelta(weeks=week))
        for week in range(LESSONS)
    )
    Mark.objects.bulk_create(
        Mark(lesson=lesson, programme=GRID, person=person, status="PAE"[(person + number) % 3])
        for number, lesson in enumerate(lessons)
        for person in range(PEOPLE)
    )
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    print(session.session_key)


main()

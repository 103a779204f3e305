"""`manage.py seed_demo [--scale N] [--at ISO] [--if-empty]`: the University of Aberwen, deterministic."""

import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from peerhub.demo.build import build_university, is_built
from programmes.services.unit_figures import count_units


class Command(BaseCommand):
    help = "Lays the demo university into an empty database. Scale 1 is about 600 people and 10,000 attendances."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=int, default=1, help="How many times the base size (1 to 200).")
        parser.add_argument(
            "--at", type=datetime.fromisoformat, default=None, help="The moment the demo hangs on; now by default."
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="Do nothing, quietly, when there are people already."
        )

    def handle(self, *args: Any, scale: int, at: datetime | None, if_empty: bool, **options: Any) -> None:
        if not 1 <= scale <= 200:
            raise CommandError("--scale must be between 1 and 200.")
        if is_built():
            if if_empty:
                return
            raise CommandError("There are people in this database already. The demo is only laid into an empty one.")
        now = at or timezone.now()
        if timezone.is_naive(now):
            now = timezone.make_aware(now)
        started = time.monotonic()
        build_university(scale=scale, now=now, say=self.stdout.write)
        count_units(now=timezone.now())  # as the planner will every ten minutes
        self.stdout.write(f"Aberwen is ready after {time.monotonic() - started:.0f} seconds.")

"""Cycles that left their design before designs were signed here say so, visibly, instead of seeming unready."""

from typing import Any

from django.db import migrations
from django.utils import timezone

CHECK = "design-signed"
REASON = "Its design was agreed before PeerHub kept signatures."
BATCH = 2000


def add(apps: Any, schema_editor: Any) -> None:
    cycles = apps.get_model("programmes", "Cycle").objects.exclude(state="design").order_by("pk")
    waivers = apps.get_model("programmes", "Waiver").objects
    now, keys = timezone.now(), []
    for pk in cycles.values_list("pk", flat=True).iterator(chunk_size=BATCH):
        keys.append(pk)
        if len(keys) == BATCH:
            _write(waivers, keys, now)
            keys = []
    _write(waivers, keys, now)


def _write(waivers: Any, keys: list[int], now: Any) -> None:
    rows = [waivers.model(cycle_id=pk, check_code=CHECK, reason=REASON, at=now) for pk in keys]
    waivers.bulk_create(rows, ignore_conflicts=True)


def remove(apps: Any, schema_editor: Any) -> None:
    apps.get_model("programmes", "Waiver").objects.filter(check_code=CHECK, reason=REASON, by=None).delete()


class Migration(migrations.Migration):
    dependencies = [("programmes", "0031_issued_words_stay")]

    operations = [migrations.RunPython(add, remove)]

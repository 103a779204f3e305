"""Beats that ring for the planner many times a second: `celery -A tests.faults.quickbeat beat` (BEAT_EVERY seconds)."""

import os

from peerhub.celery import app

app.conf.beat_schedule = {
    "planner": {
        "task": "peerhub.common.tasks.plan_reminders",
        "schedule": float(os.environ.get("BEAT_EVERY", "0.2")),
        "options": {"expires": 60},
    }
}
app.conf.beat_max_loop_interval = 0.05

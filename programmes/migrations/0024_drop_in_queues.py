import uuid

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def back(apps, schema_editor):
    """Before this, whoever was taken from a queue would have been checked in at the desk."""
    apps.get_model("programmes", "CheckIn").objects.filter(how="queue").update(how="kiosk")
    apps.get_model("programmes", "Attendance").objects.filter(recorded_how="queue").update(recorded_how="kiosk")


class Migration(migrations.Migration):
    """Drop-ins: the queue of a session, screens that show it, and check-ins that come of it."""

    dependencies = [
        ("programmes", "0022_attendance_mode"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DropIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_number", models.PositiveIntegerField(default=0)),
                ("last_turn", models.PositiveIntegerField(default=0)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "drop-in",
                "verbose_name_plural": "drop-ins",
            },
        ),
        migrations.CreateModel(
            name="QueueEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField(verbose_name="ticket")),
                ("turn", models.PositiveIntegerField()),
                ("about", models.CharField(blank=True, max_length=120, verbose_name="what it is about")),
                (
                    "how",
                    models.CharField(
                        choices=[("phone", "By telephone"), ("desk", "At the desk"), ("leader", "Added by who leads")],
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("called", "Called"),
                            ("helping", "Being helped"),
                            ("helped", "Helped"),
                            ("left", "Left"),
                            ("no_answer", "Did not come when called"),
                            ("not_served", "Not seen before the end"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("misses", models.PositiveSmallIntegerField(default=0)),
                ("joined_at", models.DateTimeField()),
                ("called_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "before",
                    models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("stepped_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "place in a queue",
                "verbose_name_plural": "places in queues",
            },
        ),
        migrations.RemoveConstraint(
            model_name="checkin",
            name="check_in_how_known",
        ),
        migrations.RunPython(migrations.RunPython.noop, back),
        migrations.AddField(
            model_name="kiosk",
            name="kind",
            field=models.CharField(choices=[("desk", "Desk"), ("screen", "Screen")], default="desk", max_length=6),
        ),
        migrations.AddField(
            model_name="kiosk",
            name="shows_names",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="attendance",
            name="recorded_how",
            field=models.CharField(
                choices=[
                    ("leader", "Leader"),
                    ("coordinator", "Coordinator"),
                    ("import", "Import"),
                    ("code", "Code typed"),
                    ("qr", "Code scanned"),
                    ("kiosk", "At the desk, by number"),
                    ("card", "At the desk, by card"),
                    ("queue", "Taken from the queue"),
                ],
                default="leader",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="checkin",
            name="how",
            field=models.CharField(
                choices=[
                    ("code", "Code typed"),
                    ("qr", "Code scanned"),
                    ("kiosk", "At the desk, by number"),
                    ("card", "At the desk, by card"),
                    ("queue", "Taken from the queue"),
                ],
                max_length=5,
            ),
        ),
        migrations.AddConstraint(
            model_name="checkin",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["code", "qr", "kiosk", "card", "queue"])), name="check_in_how_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="kiosk",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["desk", "screen"])), name="kiosk_kind_known"
            ),
        ),
        migrations.AddField(
            model_name="dropin",
            name="closed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="dropin",
            name="session",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="drop_in", to="programmes.session"
            ),
        ),
        migrations.AddField(
            model_name="queueentry",
            name="called_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="queue_calls",
                to="programmes.membership",
            ),
        ),
        migrations.AddField(
            model_name="queueentry",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="queued", to="programmes.membership"
            ),
        ),
        migrations.AddField(
            model_name="queueentry",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="queue", to="programmes.session"
            ),
        ),
        migrations.AddField(
            model_name="queueentry",
            name="topic",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="programmes.topic",
            ),
        ),
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(fields=["session", "state", "turn"], name="queue_in_order"),
        ),
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(
                condition=models.Q(("about", ""), _negated=True), fields=["ended_at"], name="queue_with_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "called", "helping"])),
                fields=("session", "membership"),
                name="queued_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.UniqueConstraint(fields=("session", "number"), name="queue_ticket_once"),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["phone", "desk", "leader"])), name="queue_how_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "called", "helping", "helped", "left", "no_answer", "not_served"])
                ),
                name="queue_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["called", "helping", "helped"]), _negated=True),
                    models.Q(("called_at__isnull", False), ("called_by__isnull", False)),
                    _connector="OR",
                ),
                name="queue_called_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["helping", "helped"]), _negated=True),
                    ("started_at__isnull", False),
                    _connector="OR",
                ),
                name="queue_helped_has_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state__in", ["waiting", "called", "helping"])),
                    models.Q(
                        models.Q(("state__in", ["waiting", "called", "helping"]), _negated=True),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="queue_ended_when_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None), ("started_at", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="queue_ends_after_start",
            ),
        ),
    ]

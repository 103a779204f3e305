import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("programmes", "0012_session_series")]

    operations = [
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("code", "Code typed"),
                            ("qr", "Code scanned"),
                            ("kiosk", "At the desk, by number"),
                            ("card", "At the desk, by card"),
                        ],
                        max_length=5,
                    ),
                ),
                ("device", models.CharField(blank=True, max_length=22)),
                ("is_same_device", models.BooleanField(default=False)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_ins",
                        to="programmes.membership",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="check_ins", to="programmes.session"
                    ),
                ),
            ],
            options={
                "verbose_name": "check-in",
                "verbose_name_plural": "check-ins",
                "constraints": [
                    models.UniqueConstraint(fields=("session", "membership"), name="checked_in_once"),
                    models.UniqueConstraint(
                        condition=Q(is_same_device=False) & ~Q(device=""),
                        fields=("session", "device"),
                        name="device_checks_in_one",
                    ),
                    models.CheckConstraint(
                        condition=Q(how__in=["code", "qr", "kiosk", "card"]), name="check_in_how_known"
                    ),
                ],
            },
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    """How people come to open sessions; every cycle there is goes on as it was."""

    dependencies = [("programmes", "0021_series_fit_calendar")]

    operations = [
        migrations.AddField(
            model_name="cycle",
            name="attendance_mode",
            field=models.CharField(
                choices=[("free", "Just come along"), ("book", "Book a seat"), ("queue", "Queue at a drop-in")],
                default="free",
                max_length=5,
                verbose_name="how people come",
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.CheckConstraint(
                condition=models.Q(attendance_mode__in=["free", "book", "queue"]), name="cycle_attendance_mode_known"
            ),
        ),
    ]

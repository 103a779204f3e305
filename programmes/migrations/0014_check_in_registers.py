from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programmes", "0013_check_ins")]

    operations = [
        migrations.AddField(
            model_name="cycle",
            name="late_after_minutes",
            field=models.PositiveSmallIntegerField(default=15, verbose_name="minutes until a check-in is late"),
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
                ],
                default="leader",
                max_length=12,
            ),
        ),
    ]

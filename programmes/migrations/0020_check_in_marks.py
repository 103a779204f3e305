from django.db import migrations, models


class Migration(migrations.Migration):
    """An index of the few rows that still hold a browser's mark; its table came in the same release."""

    dependencies = [("programmes", "0019_announcements")]

    operations = [
        migrations.AddIndex(
            model_name="checkin",
            index=models.Index(condition=~models.Q(device=""), fields=["at"], name="check_in_marked"),
        ),
    ]

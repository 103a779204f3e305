from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programmes", "0002_vocabulary")]
    operations = [
        migrations.AddField(
            model_name="session",
            name="log_version",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="0: not logged; 1: logged; one more for every correction."
            ),
        ),
    ]

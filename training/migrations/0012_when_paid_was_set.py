from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0010_deliveries")]

    operations = [
        migrations.AddField(
            model_name="leaderterms",
            name="paid_set_at",
            field=models.DateTimeField(blank=True, help_text="What was earlier that day was in order.", null=True),
        )
    ]

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institution", "0003_fill_public_ids")]

    operations = [
        migrations.AlterField(name, "uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True))
        for name in ("rolegrant", "term", "closure")
    ]

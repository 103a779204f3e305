"""Public identifiers for rows that appear in addresses: first without uniqueness, filled by 0003, unique in 0004."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institution", "0001_organisation")]

    operations = [
        migrations.AddField(name, "uuid", models.UUIDField(default=uuid.uuid4, editable=False, null=True))
        for name in ("rolegrant", "term", "closure")
    ]

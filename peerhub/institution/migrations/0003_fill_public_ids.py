import uuid

from django.db import migrations


def fill(apps, schema_editor):
    # One default was written to every row that was there: each gets its own.
    for name in ("RoleGrant", "Term", "Closure"):
        model = apps.get_model("institution", name)
        rows = list(model.objects.only("pk"))
        for row in rows:
            row.uuid = uuid.uuid4()
        model.objects.bulk_update(rows, ["uuid"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("institution", "0002_public_ids")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

"""In specialist peer communities being a member is itself private: members are not listed to one another. Data only."""

from django.db import migrations


def hide(apps, schema_editor):
    apps.get_model("programmes", "ActivityType").objects.filter(code="peer-communities").update(
        members_see_each_other=False
    )


def show(apps, schema_editor):
    apps.get_model("programmes", "ActivityType").objects.filter(code="peer-communities").update(
        members_see_each_other=True
    )


class Migration(migrations.Migration):
    dependencies = [("programmes", "0004_joining")]

    operations = [migrations.RunPython(hide, show)]

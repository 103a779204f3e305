from django.db import migrations, models


class Migration(migrations.Migration):
    """Words that were searched for in vain, and what counts each person once while a week lasts."""

    dependencies = [
        ("programmes", "0026_bookings"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week_on", models.DateField(unique=True)),
                ("key", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="SearchMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week_on", models.DateField()),
                ("mark", models.CharField(max_length=64, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="EmptySearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week_on", models.DateField()),
                ("words", models.CharField(max_length=60)),
                ("searchers", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "search that found nothing",
                "verbose_name_plural": "searches that found nothing",
                "constraints": [
                    models.UniqueConstraint(fields=("week_on", "words"), name="empty_search_once"),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="empty_search_has_words"
                    ),
                ],
            },
        ),
    ]

"""The table of the shared cache (django.core.cache.backends.db), where no Redis is configured.

Rate limits and lockouts live in the cache, so every process must see the same one. The table is always made: an
installation that gives up Redis later needs no further step, and `createcachetable` finds it there.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.CreateModel(
                    name="CacheEntry",
                    fields=[
                        ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                        ("value", models.TextField()),
                        ("expires", models.DateTimeField(db_index=True)),
                    ],
                    options={"db_table": "common_cache"},
                ),
            ],
        ),
    ]

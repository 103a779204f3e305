"""What was published is not deleted either: the database itself refuses, whoever asks."""

from typing import Any

from django.db import migrations

SAYS = "A published version is not deleted"
# Table, and when one of its rows stays.
STAYS = (
    ("training_handbookversion", "OLD.published_at IS NOT NULL"),
    (
        "training_handbooksection",
        "EXISTS (SELECT 1 FROM training_handbookversion v WHERE v.published_at IS NOT NULL AND v.id = OLD.version_id)",
    ),
)

ON_POSTGRESQL = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {stays} THEN
        RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()
"""
ON_SQLITE = """
CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW WHEN {stays} BEGIN SELECT RAISE(ABORT, '{says}'); END
"""


def add(apps: Any, schema_editor: Any) -> None:
    statement = ON_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else ON_SQLITE
    for table, stays in STAYS:
        said = statement.format(name=f"{table}_row_stays", table=table, stays=stays, says=SAYS)
        schema_editor.execute(said, params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    for table, _stays in STAYS:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_row_stays ON {table}", params=None)
            schema_editor.execute(f"DROP FUNCTION {table}_row_stays()", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_row_stays", params=None)


class Migration(migrations.Migration):
    """SQLite makes a table anew to alter it, without its triggers: a later change of these tables puts them back."""

    dependencies = [("training", "0012_when_paid_was_set")]

    operations = [migrations.RunPython(add, remove)]

"""What was decided or put up for signature is not deleted either: the database itself refuses, whoever asks."""

from typing import Any

from django.db import migrations

SAYS = "What was decided or signed is not deleted"
# Table, and when one of its rows stays.
STAYS = (
    ("programmes_decision", "OLD.status <> 'proposed'"),
    ("programmes_documentversion", "OLD.issued_at IS NOT NULL"),
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

    dependencies = [("programmes", "0033_design_workshops")]

    operations = [migrations.RunPython(add, remove)]

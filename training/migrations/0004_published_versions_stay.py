"""What was published is not rewritten: the database itself refuses, whoever asks. A change is a new version."""

from typing import Any

from django.db import migrations

WORDS = ("handbook_id", "major", "minor", "summary", "published_at", "digest")
UPDATED, ADDED = "training_published_versions_stay", "training_published_sections_stay"
SAYS = "A published version is not rewritten"

ON_POSTGRESQL = f"""
CREATE FUNCTION {UPDATED}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER {UPDATED} BEFORE UPDATE ON training_handbookversion FOR EACH ROW
WHEN (OLD.published_at IS NOT NULL AND ({{changed}})) EXECUTE FUNCTION {UPDATED}();
CREATE FUNCTION {ADDED}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM training_handbookversion v WHERE v.published_at IS NOT NULL
               AND (v.id = NEW.version_id OR (TG_OP = 'UPDATE' AND v.id = OLD.version_id))) THEN
        RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {ADDED} BEFORE INSERT OR UPDATE ON training_handbooksection FOR EACH ROW EXECUTE FUNCTION {ADDED}()
"""
ON_SQLITE = (
    f"""CREATE TRIGGER {UPDATED} BEFORE UPDATE ON training_handbookversion FOR EACH ROW
WHEN OLD.published_at IS NOT NULL AND ({{changed}})
BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
    f"""CREATE TRIGGER {ADDED}_1 BEFORE INSERT ON training_handbooksection FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM training_handbookversion v WHERE v.published_at IS NOT NULL AND v.id = NEW.version_id)
BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
    f"""CREATE TRIGGER {ADDED}_2 BEFORE UPDATE ON training_handbooksection FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM training_handbookversion v WHERE v.published_at IS NOT NULL
             AND v.id IN (NEW.version_id, OLD.version_id))
BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
)


def add(apps: Any, schema_editor: Any) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    differs = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
    changed = " OR ".join(f'NEW."{name}" {differs} OLD."{name}"' for name in WORDS)
    for statement in (ON_POSTGRESQL,) if is_postgresql else ON_SQLITE:
        schema_editor.execute(statement.format(changed=changed), params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name, table in ((UPDATED, "training_handbookversion"), (ADDED, "training_handbooksection")):
            schema_editor.execute(f"DROP TRIGGER {name} ON {table}", params=None)
            schema_editor.execute(f"DROP FUNCTION {name}()", params=None)
    else:
        for name in (UPDATED, f"{ADDED}_1", f"{ADDED}_2"):
            schema_editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    """SQLite makes a table anew to alter it, without its triggers: a later change of these tables puts them back."""

    dependencies = [("training", "0003_handbooks")]

    operations = [migrations.RunPython(add, remove)]

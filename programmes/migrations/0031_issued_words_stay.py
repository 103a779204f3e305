"""What was put up for signature is not rewritten: people sign words, and the words stay those."""

from typing import Any

from django.db import migrations

WORDS = ("document_id", "number", "text", "note", "issued_at")

ON_POSTGRESQL = """
CREATE FUNCTION programmes_issued_words_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was put up for signature is not rewritten' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER programmes_issued_words_stay BEFORE UPDATE ON programmes_documentversion FOR EACH ROW
WHEN (OLD.issued_at IS NOT NULL AND ({changed}))
EXECUTE FUNCTION programmes_issued_words_stay()
"""
ON_SQLITE = """
CREATE TRIGGER programmes_issued_words_stay BEFORE UPDATE ON programmes_documentversion FOR EACH ROW
WHEN OLD.issued_at IS NOT NULL AND ({changed})
BEGIN SELECT RAISE(ABORT, 'What was put up for signature is not rewritten'); END
"""


def add(apps: Any, schema_editor: Any) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    differs = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
    changed = " OR ".join(f'NEW."{name}" {differs} OLD."{name}"' for name in WORDS)
    schema_editor.execute((ON_POSTGRESQL if is_postgresql else ON_SQLITE).format(changed=changed), params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER programmes_issued_words_stay ON programmes_documentversion", params=None)
        schema_editor.execute("DROP FUNCTION programmes_issued_words_stay()", params=None)
    else:
        schema_editor.execute("DROP TRIGGER programmes_issued_words_stay", params=None)


class Migration(migrations.Migration):
    """SQLite makes a table anew to alter it, without its triggers: a later change of this table puts them back."""

    dependencies = [("programmes", "0030_design_documents")]

    operations = [migrations.RunPython(add, remove)]

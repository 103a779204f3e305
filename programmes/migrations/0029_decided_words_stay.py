"""What was decided is not rewritten: the database itself refuses, whoever asks. Corrections are entries of their own."""

from typing import Any

from django.db import migrations

WORDS = (
    "cycle_id", "number", "question", "proposal_id", "supersedes_id", "chosen_id", "decision", "reason",
    "student_input", "dissent", "values", "decided_on",
)  # fmt: skip

ON_POSTGRESQL = """
CREATE FUNCTION programmes_decided_words_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was decided is not rewritten' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER programmes_decided_words_stay BEFORE UPDATE ON programmes_decision FOR EACH ROW
WHEN (OLD.status <> 'proposed' AND (NEW.status = 'proposed' OR {changed}))
EXECUTE FUNCTION programmes_decided_words_stay()
"""
ON_SQLITE = """
CREATE TRIGGER programmes_decided_words_stay BEFORE UPDATE ON programmes_decision FOR EACH ROW
WHEN OLD.status <> 'proposed' AND (NEW.status = 'proposed' OR {changed})
BEGIN SELECT RAISE(ABORT, 'What was decided is not rewritten'); END
"""


def add(apps: Any, schema_editor: Any) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    differs = "IS DISTINCT FROM" if is_postgresql else "IS NOT"
    changed = " OR ".join(f'NEW."{name}" {differs} OLD."{name}"' for name in WORDS)
    schema_editor.execute((ON_POSTGRESQL if is_postgresql else ON_SQLITE).format(changed=changed), params=None)


def remove(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER programmes_decided_words_stay ON programmes_decision", params=None)
        schema_editor.execute("DROP FUNCTION programmes_decided_words_stay()", params=None)
    else:
        schema_editor.execute("DROP TRIGGER programmes_decided_words_stay", params=None)


class Migration(migrations.Migration):
    """SQLite makes a table anew to alter it, without its triggers: a later change of this table puts them back."""

    dependencies = [("programmes", "0028_design_ledger")]

    operations = [migrations.RunPython(add, remove)]

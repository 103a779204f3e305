"""What became of reminders, against what had to; and whether anything was finished twice."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.faults.fleet import Fleet, ask


@dataclass
class Reminded:
    """Rows against arithmetic."""

    sent: int  # that had to be
    missed: int  # that had to be recorded as missed
    wrong: list[str]  # not one row, or not in the state it has to be in, or there although nothing fell due
    doubled: int  # rows that say the same thing to the same person on the same channel


def reminded(ships: Fleet, wanted: list[dict[str, Any]]) -> Reminded:
    rows = ask(ships.live, "SELECT kind, about, recipient_id, channel, state FROM common_message")
    found: dict[tuple, list[str]] = {}
    for kind, about, to, channel, state in rows:
        said = about if isinstance(about, dict) else json.loads(about)
        subject = next(f"{name}:{said[name]}" for name in ("session", "membership", "cycle") if name in said)
        found.setdefault((kind, subject, to, channel), []).append(state)
    wrong = []
    for one in wanted:
        [(name, key)] = one["about"].items()
        states = found.get((one["kind"], f"{name}:{key}", one["to"], "email"), [])
        if states != list(filter(None, [one["state"]])):
            wrong.append(f"{one['kind']} about {name} {key} to {one['to']}: {states}, not {one['state'] or 'nothing'}")
    states_wanted = Counter(one["state"] for one in wanted)
    return Reminded(
        sent=states_wanted["sent"],
        missed=states_wanted["missed"],
        wrong=wrong,
        doubled=sum(len(states) - 1 for states in found.values()),
    )


def watch_finishes(ships: Fleet) -> None:
    """From now on the database itself notes each time a row becomes sent."""
    ask(
        ships.live,
        "DROP TABLE IF EXISTS fault_sent CASCADE" if ships.is_postgres else "DROP TABLE IF EXISTS fault_sent",
    )
    ask(ships.live, "CREATE TABLE fault_sent (id varchar(40))")
    if ships.is_postgres:
        ask(
            ships.live,
            "CREATE OR REPLACE FUNCTION fault_note() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO fault_sent VALUES (NEW.id::text); RETURN NEW; END $$",
        )
        ask(ships.live, "DROP TRIGGER IF EXISTS fault_note ON common_message")
        act = "FOR EACH ROW WHEN (NEW.state = 'sent') EXECUTE FUNCTION fault_note()"
    else:
        ask(ships.live, "DROP TRIGGER IF EXISTS fault_note")
        act = "WHEN NEW.state = 'sent' BEGIN INSERT INTO fault_sent VALUES (NEW.id); END"
    ask(ships.live, f"CREATE TRIGGER fault_note AFTER UPDATE OF state ON common_message {act}")


def finished_twice(ships: Fleet) -> int:
    """Rows that became sent more than once: a finish that came too late and was taken all the same."""
    again = "SELECT count(*) FROM (SELECT id FROM fault_sent GROUP BY id HAVING count(*) > 1) AS again"
    return int(ask(ships.live, again)[0][0])


def watch_ticks(ships: Fleet) -> None:
    """From now on PostgreSQL notes each round a planner finishes."""
    for statement in (
        "DROP TABLE IF EXISTS fault_tick CASCADE",
        "CREATE TABLE fault_tick (at timestamptz DEFAULT clock_timestamp())",
        (
            "CREATE OR REPLACE FUNCTION fault_tick() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO fault_tick DEFAULT VALUES; RETURN NEW; END $$"
        ),
        "DROP TRIGGER IF EXISTS fault_tick ON common_workerbeat",
        (
            "CREATE TRIGGER fault_tick AFTER UPDATE ON common_workerbeat FOR EACH ROW WHEN (NEW.name = 'planner')"
            " EXECUTE FUNCTION fault_tick()"
        ),
    ):
        ask(ships.live, statement)


def ticks(ships: Fleet) -> int:
    return int(ask(ships.live, "SELECT count(*) FROM fault_tick")[0][0])

"""R3 from outside: all flows die in an installation, and what is wrong afterwards."""

import json
import signal
from collections import Counter

from tests.faults.fleet import Fleet, ask

Outcomes = list[dict]


def survive(ships: Fleet, *seed: str) -> Outcomes:
    """Every death, or with a seed each failpoint once."""
    lies_here = {"PEERHUB_ALLOW_FAILPOINTS": "1", "TMPDIR": str(ships.live.folder)}
    told = ships.python("tests.faults.flows", *seed, **lies_here)
    return list(json.loads(told.strip().splitlines()[-1]))


def problems(ships: Fleet, outcomes: Outcomes) -> list[str]:
    """What did not hold, in words."""
    found = [f"{each['flow']} at {each['failpoint']}: {each['wrong']}" for each in outcomes if each["wrong"]]
    alive = [each for each in outcomes if each["died_of"] != signal.SIGKILL]
    found += [f"{each['flow']} did not die at {each['failpoint']}" for each in alive]
    taken = Counter(ships.sink.accepted())
    rows = ask(ships.live, "SELECT message_id, state, is_uncertain FROM common_message WHERE channel = 'email'")
    found += [
        f"{key} is said to be sent and was never taken" for key, state, _u in rows if state == "sent" and not taken[key]
    ]
    found += [
        f"{key} was taken twice and nobody says it may be" for key, _s, said in rows if taken[key] > 1 and not said
    ]
    extra, due = sum(taken.values()) - len(taken), sum(each["doubled"] for each in outcomes)
    return found + ([f"{extra} copies too many instead of {due}"] if extra != due else [])

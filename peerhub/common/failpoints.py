"""Places where a test may kill this process, to prove that nothing is lost there.

Armed only by PEERHUB_FAILPOINT=name (or name:3 for the third time) together with PEERHUB_ALLOW_FAILPOINTS=1. A system
check refuses both in production.
"""

import os
import signal

_ALLOWED = os.environ.get("PEERHUB_ALLOW_FAILPOINTS") == "1"
_NAME, _, _NTH = os.environ.get("PEERHUB_FAILPOINT", "").partition(":") if _ALLOWED else ("", "", "")
_left = int(_NTH or 1)


def failpoint(name: str) -> None:
    """Die here, as if the power went, when this place is the armed one."""
    global _left
    if name != _NAME:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

"""Places where a test may kill this process, to prove that nothing is lost there.

Armed only by PEERHUB_FAILPOINT=name (or name:3 for the third time) together with PEERHUB_ALLOW_FAILPOINTS=1. Without
the latter a failpoint is an empty function; production refuses to start with either (peerhub/common/production.py).
"""

import os
import signal
from itertools import count

_ALLOWED = os.environ.get("PEERHUB_ALLOW_FAILPOINTS") == "1"
_NAME, _, _NTH = os.environ.get("PEERHUB_FAILPOINT", "").partition(":") if _ALLOWED else ("", "", "")
_passes = count(1)

if _ALLOWED:

    def failpoint(name: str) -> None:
        """Die here, as if the power went, when this place is the armed one and its turn has come."""
        if name == _NAME and next(_passes) == int(_NTH or 1):
            os.kill(os.getpid(), signal.SIGKILL)

else:

    def failpoint(name: str) -> None:
        """Nothing: nobody allowed this process to die on purpose."""

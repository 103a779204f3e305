"""Senders that come back at once: one warmed-up process forks them, and forks again whichever dies.

    python -m tests.faults.crew COUNT     (in an installation's environment)

Each is a process of its own running `outbox_run`, on connections of its own, and can be killed or stopped like any.
"""

import os
import signal
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerhub.settings")

import django

django.setup()

from django.core.management import call_command


def fork_sender() -> int:
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        call_command("outbox_run", "--no-plan")
        os._exit(0)
    return pid


def main(count: int) -> None:
    senders = {fork_sender() for _number in range(count)}
    while True:
        dead, _status = os.waitpid(-1, os.WNOHANG)
        if dead:
            senders.discard(dead)
            senders.add(fork_sender())
        time.sleep(0.02)


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""People who press again: forms are posted by several at once, and posted again until a page says that it is done."""

import http.client
import queue
import random
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

CSRF = "c" * 32
PATIENCE = 120.0
PAUSE = 0.05


class Crowd:
    """Posts all forms; `done` counts those that were answered with "done" (303 or 302)."""

    def __init__(self, base: str, forms: list[dict[str, Any]], *, people: int, seed: int) -> None:
        self.base = urlsplit(base)
        self.waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        mixed = list(forms)
        random.Random(seed).shuffle(mixed)
        for form in mixed:
            self.waiting.put(form)
        self.done = self.again = 0
        self.refused: list[str] = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._press, daemon=True) for _number in range(people)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def wait_for(self, done: int, watch: Callable[[], str]) -> None:
        """Until so many are done; `watch` says what the processes said when that does not come."""
        until = time.monotonic() + PATIENCE
        while self.done + len(self.refused) < done:
            assert time.monotonic() < until, f"stuck at {self.done} of {done}, {self.refused[:3]}:\n{watch()}"
            time.sleep(0.01)

    def _press(self) -> None:
        while True:
            try:
                form = self.waiting.get_nowait()
            except queue.Empty:
                return
            status = self._until_answered(form)
            with self.lock:
                if status in {302, 303}:
                    self.done += 1
                else:
                    self.refused.append(f"{form['kind']} at {form['path']}: {status}")

    def _until_answered(self, form: dict[str, Any]) -> int:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            status = self._post(form)
            if status and status < 500:
                return status
            with self.lock:
                self.again += 1
            time.sleep(PAUSE)
        return 0

    def _post(self, form: dict[str, Any]) -> int:
        """The answer's status; 0 when there was none."""
        body = urlencode({**form["fields"], "csrfmiddlewaretoken": CSRF}, doseq=True)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"peerhub={form['cookie']}; csrf={CSRF}",
        }
        connection = http.client.HTTPConnection(self.base.hostname or "localhost", self.base.port, timeout=30)
        try:
            connection.request("POST", form["path"], body, headers)
            reply = connection.getresponse()
            reply.read()
            return reply.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

"""A keep-alive HTTP client, its timings, and interleaved comparison of two pages (standard library only)."""

import http.client
import re
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

TIMING = re.compile(r'(\w+)(?:;dur=([\d.]+))?(?:;desc="([^"]*)")?')


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    client_ms: float

    @property
    def timing(self) -> dict[str, float]:
        """app, cpu and db in milliseconds, the number of queries, and how often the most repeated statement ran."""
        found = {}
        for name, duration, description in TIMING.findall(self.headers.get("server-timing", "")):
            if duration:
                found[name] = float(duration)
            if description.isdigit():
                found["queries" if name == "db" else name] = float(description)
        return found


@dataclass
class Client:
    """One connection to one loopback server, with a session cookie."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def request(self, method: str, path: str, fields: dict[str, object] | None = None) -> Reply:
        headers = {"Accept": "text/html", "Accept-Encoding": "identity"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if fields is not None:
            body = urlencode(fields, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        try:
            reply, content = self._send(method, path, body, headers)
        except (http.client.HTTPException, ConnectionError):
            self.close()  # the server closed an idle connection: once more on a new one
            started = time.perf_counter()
            reply, content = self._send(method, path, body, headers)
        elapsed = (time.perf_counter() - started) * 1000
        for name, value in reply.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key.strip()] = rest.split(";", 1)[0]
        if reply.will_close:
            self.close()
        return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, content, elapsed)

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple:
        if self._connection is None:
            parts = urlsplit(self.base)
            self._connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=120)
        self._connection.request(method, path, body=body, headers=headers)
        reply = self._connection.getresponse()
        return reply, reply.read()


@dataclass
class Samples:
    """What repeated requests of one page gave."""

    path: str
    status: int = 0
    replies: list[Reply] = field(default_factory=list)

    def add(self, reply: Reply) -> None:
        self.status = reply.status
        self.replies.append(reply)

    def median(self, metric: str = "cpu") -> float:
        return statistics.median(reply.timing[metric] for reply in self.replies)

    @property
    def queries(self) -> int:
        return int(max(reply.timing.get("queries", 0) for reply in self.replies))

    @property
    def bytes(self) -> int:
        return len(self.replies[-1].body)

    @property
    def p95_ms(self) -> float:
        ordered = sorted(reply.client_ms for reply in self.replies)
        return ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]


def interleaved(pages: list[tuple[Client, str]], *, rounds: int = 40, warm: int = 5) -> list[Samples]:
    """Ask every page once a round, in alternating order, so that a neighbour on the machine disturbs all alike."""
    samples = [Samples(path) for _, path in pages]
    for number in range(warm + rounds):
        order = range(len(pages)) if number % 2 else reversed(range(len(pages)))
        for index in order:
            client, path = pages[index]
            reply = client.get(path)
            if reply.status != 200:
                raise RuntimeError(f"{client.base}{path} answered {reply.status}: nothing to measure")
            if number >= warm:
                samples[index].add(reply)
    return samples

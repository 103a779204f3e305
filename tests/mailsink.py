"""An SMTP server that keeps nothing but a list of the Message-IDs it accepted, and misbehaves on request.

    python -m tests.mailsink --port 2525 --log ids.txt [--stats stats.json] [--busy 0.02] [--drop 0.005] [--seed 1]

A line is written at the moment of acceptance, before the reply: what the list holds has been delivered, whatever the
sender thinks. `--busy`: that share gets 451. `--drop`: that share is accepted, and the connection cut instead of the
250. `--hang SECONDS`: accepted, and the 250 comes that much later. Standard library only, so that it is faster than any
sender.
"""

import argparse
import asyncio
import contextlib
import json
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parent.parent
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
HELLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 52428800\r\n"


class Sink:
    def __init__(self, options: argparse.Namespace, log: TextIO) -> None:
        self.options, self.log = options, log
        self.dice = random.Random(options.seed)
        self.counts = {"messages": 0, "connections": 0, "busy": 0, "dropped": 0}

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counts["connections"] += 1
        writer.write(b"220 sink ESMTP\r\n")
        try:
            while line := await reader.readline():
                command = line[:4].upper()
                if command == b"EHLO":
                    writer.write(HELLO)
                elif command == b"RCPT" and b"nobody-" in line:
                    writer.write(b"550 5.1.1 no such user\r\n")
                elif command == b"DATA":
                    writer.write(b"354 go\r\n")
                    if not await self.take(await reader.readuntil(b"\r\n.\r\n"), writer):
                        return
                elif command == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                else:
                    writer.write(b"250 ok\r\n")
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):  # cut, or the sink goes down
            pass
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def take(self, text: bytes, writer: asyncio.StreamWriter) -> bool:
        """One message. False: the connection was cut."""
        roll = self.dice.random()
        if roll < self.options.busy:
            self.counts["busy"] += 1
            writer.write(b"451 4.7.1 try again later\r\n")
            return True
        found = MESSAGE_ID.search(text, 0, 4096)
        self.log.write((found[1].decode() if found else "none") + "\n")
        self.log.flush()
        self.counts["messages"] += 1
        if self.options.hang:
            await asyncio.sleep(self.options.hang)
        if roll < self.options.busy + self.options.drop:
            self.counts["dropped"] += 1
            writer.transport.abort()
            return False
        writer.write(b"250 2.0.0 ok\r\n")
        return True


async def serve(options: argparse.Namespace) -> dict[str, Any]:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with Path(options.log).open("a") as log:
        sink = Sink(options, log)
        server = await asyncio.start_server(sink.talk, "127.0.0.1", options.port, limit=1 << 26)
        await stop.wait()
        server.close()
    return sink.counts


@dataclass
class Running:
    """A sink in a process of its own. Stopped and started again on the same port, it is a server that was away."""

    port: int
    folder: Path
    options: tuple[str, ...] = ()
    dropped: int = 0  # connections cut after taking a mail and before saying so, over all starts
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?timeout=3"

    def accepted(self) -> list[str]:
        """Message-IDs in order of acceptance, repeats included."""
        log = self.folder / "ids.txt"
        return log.read_text().split() if log.exists() else []

    def counts(self) -> dict[str, int]:
        """What the last run saw; known once it has stopped."""
        return dict(json.loads((self.folder / "sink.json").read_text()))

    def forget(self) -> None:
        """A new list for what comes next."""
        (self.folder / "ids.txt").unlink(missing_ok=True)
        self.dropped = 0

    def start(self) -> None:
        here = [sys.executable, "-m", "tests.mailsink", "--port", str(self.port), "--log", str(self.folder / "ids.txt")]
        command = [*here, "--stats", str(self.folder / "sink.json"), *self.options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
        until = time.monotonic() + 15
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError("the mail sink did not start")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.dropped += self.counts()["dropped"]
        self.process = None


@contextlib.contextmanager
def running(folder: Path, *options: str) -> Iterator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    sink = Running(port, folder, options)
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--stats", default="")
    parser.add_argument("--busy", type=float, default=0)
    parser.add_argument("--drop", type=float, default=0)
    parser.add_argument("--hang", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts = asyncio.run(serve(options))
    if options.stats:
        Path(options.stats).write_text(json.dumps(counts))


if __name__ == "__main__":
    main()

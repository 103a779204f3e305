"""A mail server that answers by a script: one string for each thing said to it, in order."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

CLOSE = "close"


@dataclass
class Script:
    """`replies[command]` are used up in order; then 250 (354 for DATA). `CLOSE` hangs up instead of answering."""

    replies: dict[str, list[str]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8")
    connections: int = 0
    heard: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def answer(self, command: str, usual: str) -> str:
        waiting = self.replies.get(command, [])
        return waiting.pop(0) if waiting else usual


@contextlib.contextmanager
def served(script: Script) -> Iterator[Script]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        script.port = server.getsockname()[1]
        server.settimeout(0.05)
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, script, over))
        thread.start()
        try:
            yield script
        finally:
            over.set()
            thread.join()


def _serve(server: socket.socket, script: Script, over: threading.Event) -> None:
    while not over.is_set():
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        script.connections += 1
        connection.settimeout(5)
        with connection, contextlib.suppress(OSError):
            _talk(connection, script)


def _talk(connection: socket.socket, script: Script) -> None:
    with connection.makefile("rb") as lines:

        def say(command: str, usual: str) -> bool:
            reply = script.answer(command, usual)
            if reply == CLOSE:
                return False
            connection.sendall(f"{reply}\r\n".encode())
            return True

        if not say("connect", "220 scripted ESMTP"):
            return
        while line := lines.readline():
            command = line.split()[0].decode().upper() if line.split() else ""
            script.heard.append(line.decode().strip())
            usual = {"DATA": "354 go", "EHLO": _hello(script), "QUIT": "221 bye"}.get(command, "250 ok")
            reply = script.answer(command, usual)
            if reply == CLOSE:
                return
            connection.sendall(f"{reply}\r\n".encode())
            if command == "DATA" and reply.startswith("354"):
                text = b""
                while (line := lines.readline()) != b".\r\n":
                    text += line
                if text:
                    script.mails.append(text)
                if not say("dot", "250 2.0.0 taken"):
                    return
            if command == "QUIT":
                return


def _hello(script: Script) -> str:
    return "\r\n".join(["250-scripted", *(f"250-{name}" for name in script.extensions), "250 HELP"])

"""What fails a test that would otherwise pass: an undefined variable, a logged error, a call to the outside."""

import ipaddress
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.template.base import Node


class UndefinedVariableUsed(AssertionError):
    """A template of ours printed a variable that nobody gave it."""


class UndefinedVariable(str):
    """Django's `string_if_invalid`: raises when one of our own templates prints an undefined variable.

    Templates of other packages (the admin, form packs) use undefined variables as a matter of course: they print "".
    """

    __slots__ = ("root",)
    root: str

    def __new__(cls, root: str) -> "UndefinedVariable":
        made = super().__new__(cls, "undefined")
        made.root = root
        return made

    def __contains__(self, part: object) -> bool:
        return part == "%s" or super().__contains__(part)  # type: ignore[operator]

    def __mod__(self, variable: Any) -> str:
        template = self._printing_template()
        if template.startswith((f"{self.root}/templates", f"{self.root}/tests")):
            raise UndefinedVariableUsed(f"{template} prints {{{{ {variable} }}}}, which is not defined.")
        return ""

    @staticmethod
    def _printing_template() -> str:
        frame: Any = sys._getframe(2)
        while frame:
            node = frame.f_locals.get("self")
            if isinstance(node, Node) and getattr(node, "origin", None):
                return str(node.origin.name)
            frame = frame.f_back
        return ""


class ErrorCollector(logging.Handler):
    """Keeps what was logged as an error while a test ran."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.name}: {record.getMessage()}")


@contextmanager
def collected_errors() -> Iterator[ErrorCollector]:
    handler, root = ErrorCollector(), logging.getLogger()
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)


class OutsideCall(AssertionError):
    """A test tried to reach something that is not on this machine."""


def is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket's path
    host = str(address[0])
    if host in {"localhost", "", "0.0.0.0", "::", "testserver.local"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def stay_on_this_machine() -> None:
    """From here on, sockets of this process connect to loopback and Unix sockets only."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    lookup = socket.getaddrinfo

    def local_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else host
        if text and not is_local((text,)) and text != socket.gethostname() and text != socket.getfqdn():
            raise OutsideCall(f"A test looked up {text}: tests stay on this machine.")
        return lookup(host, *args, **kwargs)

    socket.getaddrinfo = local_lookup


def _guarded(original: Any) -> Any:
    def call(self: socket.socket, address: Any) -> Any:
        if not is_local(address):
            raise OutsideCall(f"A test called {address[0]}: tests stay on this machine.")
        return original(self, address)

    return call

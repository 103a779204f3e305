"""The guards of tests/guards.py bite."""

import logging
import socket
import warnings
from datetime import datetime

import pytest
from django.conf import settings
from django.template import Context, Template, engines
from django.template.base import Origin
from django.utils import timezone

from peerhub.common.models import AuditEvent
from tests.guards import OutsideCall, UndefinedVariableUsed, collected_errors

OURS = Origin(name=str(settings.BASE_DIR / "templates" / "page.html"))
THEIRS = Origin(name="/site-packages/somebody/page.html")


def render(text: str, origin: Origin) -> str:
    return Template(text, origin=origin, engine=engines["django"].engine).render(Context({}))


def test_an_undefined_variable_fails_in_our_templates() -> None:
    with pytest.raises(UndefinedVariableUsed, match="nobody"):
        render("<p>{{ nobody.name }}</p>", OURS)


def test_asking_whether_a_variable_is_there_is_no_use_of_it() -> None:
    assert render("{% if nobody %}yes{% else %}no{% endif %}", OURS) == "no"


def test_an_undefined_variable_prints_nothing_in_templates_of_others() -> None:
    assert render("<p>{{ nobody }}</p>", THEIRS) == "<p></p>"


@pytest.mark.logs_errors
def test_a_logged_error_is_noticed() -> None:
    with collected_errors() as errors:
        logging.getLogger("peerhub.somewhere").warning("not yet")
        logging.getLogger("peerhub.somewhere").error("number %s", 7)
    assert errors.seen == ["peerhub.somewhere: number 7"]


@pytest.mark.parametrize("address", [("192.0.2.7", 80), ("example.org", 80)])
def test_a_call_to_the_outside_fails(address: tuple[str, int]) -> None:
    with socket.socket() as client, pytest.raises(OutsideCall):
        client.connect(address)


def test_a_look_up_of_the_outside_fails() -> None:
    with pytest.raises(OutsideCall):
        socket.getaddrinfo("example.org", 443)


def test_loopback_may_be_called() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


def test_a_naive_datetime_fails(db: None) -> None:
    with pytest.raises(RuntimeWarning, match="naive"):
        AuditEvent.objects.filter(at__lt=datetime(2026, 11, 4)).exists()
    assert AuditEvent.objects.filter(at__lt=timezone.now()).count() == 0


def test_a_warning_fails() -> None:
    with pytest.raises(UserWarning):
        warnings.warn("careful", stacklevel=1)

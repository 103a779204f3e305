"""The image and the compose file say what they should. Neither is built here: that needs a Docker engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from peerhub import settings as peerhub_settings

ROOT = Path(__file__).resolve().parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ("migrate", "web", "worker", "beat")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_image_holds_every_app_and_nothing_that_does_not_exist() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE))
    assert all((ROOT / path).exists() for path in copied)
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"peerhub"}
    data = {name for name in ("templates", "static", "locale") if (ROOT / name).exists()}
    assert apps | data | {"manage.py", "requirements.txt"} == copied


def test_image_runs_as_a_user_without_rights_and_checks_itself() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "USER peerhub" in last_stage
    assert last_stage.index("USER peerhub") < last_stage.index("HEALTHCHECK") < last_stage.index('CMD ["gunicorn"')
    assert "--require-hashes" in DOCKERFILE


def test_compose_has_every_part_with_a_health_check(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "redis", *OURS}
    assert all("healthcheck" in services[name] for name in ("postgres", "redis", "worker", "beat"))
    assert services["migrate"]["restart"] == "no"
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_compose_has_no_default_for_a_secret(compose: dict[str, Any]) -> None:
    secret = re.compile(r"\$\{(\w*(?:PASSWORD|SECRET_KEY|EMAIL_URL))(:[?-]|\})")
    text = (ROOT / "docker-compose.yml").read_text()
    assert {marker for _, marker in secret.findall(text)} == {":?"}


def test_compose_publishes_only_the_web_and_only_on_loopback(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_compose_passes_settings_that_exist(compose: dict[str, Any]) -> None:
    source = Path(peerhub_settings.__file__).read_text()
    for name in compose["services"]["web"]["environment"]:
        assert f'"{name}"' in source, f"peerhub/settings.py does not read {name}"


def test_postgres_logs_no_values_and_redis_evicts_nothing(compose: dict[str, Any]) -> None:
    postgres = compose["services"]["postgres"]["command"]
    for setting in ("log_parameter_max_length=0", "log_parameter_max_length_on_error=0", "log_error_verbosity=terse"):
        assert setting in postgres
    assert "--maxmemory-policy noeviction" in compose["services"]["redis"]["command"][-1]


def test_worker_and_planner_are_separate_so_workers_can_multiply(compose: dict[str, Any]) -> None:
    assert "--beat" not in compose["services"]["worker"]["command"]
    assert "beat" in compose["services"]["beat"]["command"]

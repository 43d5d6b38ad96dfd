"""The image and the compose file say what the settings, the command line and the lock know."""

import asyncio
import os
import re
import tomllib
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from uvicorn import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from models.errors import CallError
from service.settings import load_settings
from tests.test_docs import fault
from tests.test_repository import REQUIREMENT, normal

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GIVEN = {"POSTGRES_PASSWORD": "abc123", "S3_SECRET_KEY": "def456"}
# Without our prefix: what platforms set so, and what the store's client and uvicorn read.
LIBRARIES = {
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "FORWARDED_ALLOW_IPS",
    "DATABASE_URL",
    "STORAGE_URL",
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}")


def filled(text: str) -> str:
    """A compose file with its variables filled in, as compose does it."""
    return _VARIABLE.sub(lambda found: GIVEN.get(found[1], found[2] or ""), text)


COMPOSE: dict[str, Any] = yaml.safe_load(filled((ROOT / "docker-compose.yml").read_text("utf-8")))
OURS: dict[str, Any] = {
    name: service for name, service in COMPOSE["services"].items() if service["image"] == "ridealong"
}


def locked(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Of each package of a lock file: its lines with version and condition, and the hashes."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text("utf-8")):
        line = block.split("\n")[0].removesuffix(" \\")
        if match := REQUIREMENT.match(line):
            key = f"{normal(match[1])} {line.partition(';')[2].strip()}"
            found[key] = (match[2], frozenset(re.findall(r"--hash=(\S+)", block)))
    return found


@pytest.fixture(params=[*OURS, "Dockerfile"])
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a service's container, or one that is run alone, has in its environment."""
    image = dict(re.findall(r"(\w+)=(\S+)", " ".join(re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE))))
    image.pop("PATH")
    names = {**image, **(OURS[request.param]["environment"] if request.param in OURS else {})}
    for name in [name for name in os.environ if name.startswith("RIDEALONG_")]:
        monkeypatch.delenv(name)
    for name, value in names.items():
        monkeypatch.setenv(name, str(value))
    return names


def test_the_environment_is_one_that_the_settings_take(environment: dict[str, str]) -> None:
    settings = load_settings()
    assert settings.data == Path("/data")
    known = {name for name in environment if name.startswith("RIDEALONG_")} | LIBRARIES
    assert set(environment) - known == {"PYTHONUNBUFFERED", "HF_HUB_OFFLINE", "ORT_DISABLE_TELEMETRY"}
    if "DATABASE_URL" in environment:
        assert settings.database_url == "postgresql://ridealong:abc123@database/ridealong"
        assert settings.storage == "s3://recordings"
        assert settings.address == "http://localhost:8731"


def test_a_setting_that_is_not_there_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIDEALONG_PUBLIC", "http://localhost")
    with pytest.raises(CallError, match="no such setting"):
        load_settings()


def test_nothing_in_the_container_calls_home(environment: dict[str, str]) -> None:
    assert environment["ORT_DISABLE_TELEMETRY"] == "1"
    assert environment["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize("service", OURS)
def test_the_commands_exist(service: str) -> None:
    assert fault(OURS[service]["command"]) is None


def test_the_health_check_is_a_command_of_ours() -> None:
    found = re.search(r'^HEALTHCHECK .*CMD \["ridealong", "(\w+)"\]$', DOCKERFILE, re.MULTILINE)
    assert found is not None
    assert fault([found[1]]) is None


def test_who_waits_for_another_waits_for_one_that_is_there() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", [])) <= set(COMPOSE["services"])


def test_what_lies_in_a_data_folder_is_found_by_the_next_container() -> None:
    folders = {volume.split(":")[1]: volume.split(":")[0] for s in OURS.values() for volume in s["volumes"]}
    assert folders == {"/data": "data"}
    named = {v.split(":")[0] for s in COMPOSE["services"].values() for v in s.get("volumes", [])}
    assert named == set(COMPOSE["volumes"])


async def seen_by_the_service(gateway: str, told: str) -> str:
    """The address that failed sign-ins are counted by, as uvicorn finds it behind a proxy."""
    seen: list[str] = []

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        seen.append(scope["client"][0])

    # uvicorn reads FORWARDED_ALLOW_IPS here, as it does in the web process.
    allowed = Config(app).forwarded_allow_ips
    assert allowed is not None
    headers = [(b"x-forwarded-for", told.encode())]
    scope: Any = {"type": "http", "scheme": "http", "client": (gateway, 50000), "headers": headers}
    await ProxyHeadersMiddleware(app, allowed)(scope, None, None)  # type: ignore[arg-type]
    return seen[0]


@pytest.mark.parametrize("gateway", ["172.18.0.1", "192.168.16.1", "10.89.0.1"])
def test_behind_a_proxy_failed_sign_ins_are_counted_by_who_failed(
    monkeypatch: pytest.MonkeyPatch, gateway: str
) -> None:
    environment = OURS["web"]["environment"]
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", environment.get("FORWARDED_ALLOW_IPS", "127.0.0.1"))
    assert asyncio.run(seen_by_the_service(gateway, "203.0.113.7")) == "203.0.113.7"
    assert asyncio.run(seen_by_the_service(gateway, "192.168.1.20")) == "192.168.1.20"
    assert asyncio.run(seen_by_the_service("198.51.100.4", "203.0.113.7")) == "198.51.100.4"


def test_the_image_has_the_python_that_the_tests_run_on() -> None:
    images = re.findall(r"^FROM python:(\d+\.\d+)-", DOCKERFILE, re.MULTILINE)
    assert set(images) == {PROJECT["tool"]["mypy"]["python_version"]}
    assert PROJECT["project"]["requires-python"] == f">={images[0]}"


def test_the_image_has_what_the_lock_pins_and_no_tools() -> None:
    image, everything = locked("requirements-image.lock"), locked("requirements.lock")
    assert {name for name, pinned in image.items() if everything.get(name) != pinned} == set()
    names = {key.split()[0] for key in image}
    project = PROJECT["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["weights"]]
    assert set(wanted([*needed, *PROJECT["build-system"]["requires"]])) - names == set()
    assert names & {"hypothesis", "moto", "mypy", "playwright", "pytest", "ruff", "schemathesis"} == set()


def wanted(requirements: list[str]) -> Iterator[str]:
    for requirement in requirements:
        yield normal(re.split(r"[<>=\[;~! ]", requirement)[0])


def test_what_is_copied_into_the_image_is_not_kept_from_it() -> None:
    copied = re.findall(r"^COPY (?:--chmod=\S+ )?([^-].*) \S+$", DOCKERFILE, re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) < names
    assert all((ROOT / name).exists() for name in names)
    kept = set((ROOT / ".dockerignore").read_text("utf-8").split())
    assert names & kept == set()
    assert {".env*", ".git"} < kept


def test_the_user_of_the_image_can_read_what_a_careful_checkout_keeps_to_itself() -> None:
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    for name in packages:
        assert f"COPY --chmod=755 {name} {name}\n" in DOCKERFILE

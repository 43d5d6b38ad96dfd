"""A wrong setting stops the start with one line that names it and says what to do."""

from pathlib import Path

import psycopg
import pytest

from service.database import upgrade
from service.embedded import DatabaseUnreachable
from service.settings import WrongSetting, load_settings


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "garbage", "DATABASE_URL"),
        ("DATABASE_URL", "mysql://host/name", "postgresql://"),
        ("STORAGE_URL", "recordings", "STORAGE_URL"),
        ("STORAGE_URL", "s3://", "STORAGE_URL"),
        ("RIDEALONG_PUBLIC_URL", "calls.example.org", "https://"),
        ("RIDEALONG_OIDC_ISSUER", "https://login.example.org", "OIDC_CLIENT_ID"),
        ("RIDEALONG_LOCAL_PASSWORDS", "false", "nobody can sign in"),
        ("RIDEALONG_FRAMEWORK", "nonsense", "RIDEALONG_FRAMEWORK"),
        ("RIDEALONG_WATCH", "recordings", "RIDEALONG_WATCH_OWNER"),
        ("RIDEALONG_WORKER", "1", "no such setting"),
    ],
)
def test_what_cannot_work_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting, match=says) as told:
        load_settings()
    assert "\n" not in str(told.value)


def test_what_can_work_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://u:p@host/name")
    monkeypatch.setenv("STORAGE_URL", tmp_path.as_uri())
    monkeypatch.setenv("RIDEALONG_PUBLIC_URL", "https://calls.example.org/")
    monkeypatch.setenv("RIDEALONG_LOCAL_PASSWORDS", "false")
    monkeypatch.setenv("RIDEALONG_OIDC_ISSUER", "https://login.example.org/realm")
    monkeypatch.setenv("RIDEALONG_OIDC_CLIENT_ID", "ridealong")
    assert load_settings().address == "https://calls.example.org"


def test_tables_of_a_newer_version_are_left_alone_with_a_clear_line(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(DatabaseUnreachable, match="this version of Ridealong"):
        upgrade(database_url)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8731"),
        ("0.0.0.0", "http://localhost:8731"),  # noqa: S104 - an address to listen on
        ("::", "http://localhost:8731"),
        ("::1", "http://[::1]:8731"),
    ],
)
def test_the_address_is_one_that_a_browser_can_go_to(host: str, address: str) -> None:
    assert load_settings(host=host).address == address

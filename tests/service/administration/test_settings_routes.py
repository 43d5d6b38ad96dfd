"""Settings that an administrator changes hold at once, are logged, and yield to the environment."""

import pytest
from fastapi.testclient import TestClient

from service.app import API
from service.settings import load_settings
from tests.service.people import People, shown


@pytest.fixture
def admin(people: People) -> TestClient:
    """A client in which an administrator is signed in."""
    return people.signed_in(people.person("Ada", administrator=True))


def values(client: TestClient) -> dict[str, tuple[object, str]]:
    return {one["name"]: (one["value"], one["source"]) for one in client.get(f"{API}/settings").json()}


def test_a_change_holds_at_once_and_is_logged(people: People, admin: TestClient) -> None:
    first = admin.get(f"{API}/settings")
    assert values(admin)["largest_upload"] == (2 * 1024**3, "default")
    answer = admin.patch(
        f"{API}/settings",
        json={"largest_upload": 1000, "keep_recordings_days": 365},
        headers={"If-Match": first.headers["ETag"]},
    )
    assert answer.status_code == 200, shown(answer)
    assert values(admin)["largest_upload"] == (1000, "administrator")
    assert admin.options(f"{API}/uploads").headers["Tus-Max-Size"] == "1000"
    rows = people.sql("select actor, detail from audit where action = 'setting.changed' order by id")
    assert rows == [
        ("Ada", {"name": "keep_recordings_days", "before": None, "after": 365}),
        ("Ada", {"name": "largest_upload", "before": 2 * 1024**3, "after": 1000}),
    ]
    late = admin.patch(
        f"{API}/settings", json={"url_import": True}, headers={"If-Match": first.headers["ETag"]}
    )
    assert late.status_code == 412


def test_null_takes_a_change_back(admin: TestClient) -> None:
    any_version = {"If-Match": "*"}
    admin.patch(f"{API}/settings", json={"upload_days": 1}, headers=any_version)
    assert values(admin)["upload_days"] == (1, "administrator")
    assert admin.patch(f"{API}/settings", json={"upload_days": None}, headers=any_version).status_code == 200
    assert values(admin)["upload_days"] == (7, "default")


def test_the_environment_wins_and_says_so(
    monkeypatch: pytest.MonkeyPatch, people: People, admin: TestClient
) -> None:
    people.sql("insert into setting (name, value) values ('upload_days', '3')")
    monkeypatch.setenv("RIDEALONG_UPLOAD_DAYS", "9")
    admin.app.state.where = load_settings(), ""  # type: ignore[attr-defined]
    assert values(admin)["upload_days"] == (9, "environment")
    answer = admin.patch(f"{API}/settings", json={"upload_days": 5}, headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert "RIDEALONG_UPLOAD_DAYS" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"blind_share": 2},
        {"keep_audit_days": 5},
        {"upload_days": 10**12},
        {"session_hours": 10**12},
        {"port": 1},
        {"nonsense": 1},
        {},
    ],
)
def test_what_cannot_be_is_refused(admin: TestClient, body: dict[str, object]) -> None:
    assert admin.patch(f"{API}/settings", json=body, headers={"If-Match": "*"}).status_code == 422


def test_only_administrators_see_and_change_them(people: People) -> None:
    manager = people.signed_in(people.person("Mara", manager=people.team()))
    assert manager.get(f"{API}/settings").status_code == 403
    answer = manager.patch(f"{API}/settings", json={"blind_share": 0}, headers={"If-Match": "*"})
    assert answer.status_code == 403

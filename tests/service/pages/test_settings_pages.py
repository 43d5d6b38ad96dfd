"""The page of settings: what an administrator changes there, what it asks twice, who doesn't see it."""

import pytest
from fastapi.testclient import TestClient

from service.pages.setting_fields import FIELDS
from service.settings import LIVE, load_settings
from tests.service.pages.test_pages import forms_token
from tests.service.people import People


@pytest.fixture
def admin(people: People) -> TestClient:
    """A client in which an administrator is signed in."""
    return people.signed_in(people.person("Ada", administrator=True))


def form(client: TestClient) -> dict[str, str]:
    """What the page's form sends when nothing is changed in it."""
    page = client.get("/settings").text
    values = {"csrf_token": forms_token(page)}
    for field in ("version", *(one.name for one in FIELDS)):
        tag = next(part for part in page.split("<input")[1:] if f'name="{field}"' in part).split(">")[0]
        if "checkbox" not in tag or " checked" in tag:
            values[field] = tag.split('value="')[1].split('"')[0]
    return values


def stored(people: People) -> dict[str, str]:
    query = "select name, value from setting where name = any(%s)"
    return dict(people.sql(query, sorted(LIVE)))


def test_every_setting_has_a_field_or_stands_on_the_page_on_learning() -> None:
    assert {one.name for one in FIELDS} == {name for name in LIVE if not name.startswith("learning_")}


def test_only_what_was_changed_is_stored_in_its_own_unit(people: People, admin: TestClient) -> None:
    saved = admin.post("/settings", data=form(admin))
    assert "nothing is changed" in saved.text
    assert stored(people) == {}
    wanted = {"blind_share": "35", "largest_upload": "1.5", "session_idle_minutes": "1.5", "url_import": "1"}
    saved = admin.post("/settings", data=form(admin) | wanted)
    assert "Saved." in saved.text
    assert stored(people) == {
        "blind_share": "0.35",
        "largest_upload": str(1024**2 * 3 // 2),
        "session_idle_minutes": "90",
        "url_import": "true",
    }
    assert form(admin).items() >= wanted.items()
    admin.post("/settings", data=form(admin) | {"blind_share": ""})
    assert "blind_share" not in stored(people)
    assert form(admin)["blind_share"] == "20"


def test_what_deletes_sooner_is_asked_once_more(people: People, admin: TestClient) -> None:
    team = people.team()
    call = people.call(team, people.person("Rita", rep=team))
    people.sql("update call set created_at = now() - interval '40 days' where id = %s", call)
    wanted = form(admin) | {"keep_transcripts_days": "30"}
    asked = admin.post("/settings", data=wanted)
    assert "1 whole call at once" in asked.text
    assert stored(people) == {}
    assert "Saved." in admin.post("/settings", data=wanted | {"confirmed": "1"}).text
    assert stored(people) == {"keep_transcripts_days": "30"}
    assert "Saved." in admin.post("/settings", data=form(admin) | {"keep_transcripts_days": "60"}).text


def test_a_wrong_value_and_an_older_form_change_nothing(people: People, admin: TestClient) -> None:
    older = form(admin)
    answer = admin.post("/settings", data=older | {"upload_days": "soon"})
    assert answer.status_code == 422
    assert "write one such as 30" in answer.text
    assert admin.post("/settings", data=older | {"upload_days": "0"}).status_code == 422
    admin.post("/settings", data=older | {"upload_days": "3"})
    assert admin.post("/settings", data=older | {"upload_days": "9"}).status_code == 412
    assert stored(people) == {"upload_days": "3"}


def test_what_the_environment_sets_is_shown_and_left_alone(
    monkeypatch: pytest.MonkeyPatch, people: People, admin: TestClient
) -> None:
    monkeypatch.setenv("RIDEALONG_UPLOAD_DAYS", "9")
    admin.app.state.where = load_settings(), ""  # type: ignore[attr-defined]
    assert "can only be changed there" in admin.get("/settings").text
    given = {name: value for name, value in form(admin).items() if name != "upload_days"}
    assert "Saved." in admin.post("/settings", data=given | {"sign_in_tries": "5"}).text
    assert stored(people) == {"sign_in_tries": "5"}


def test_only_administrators_see_settings(people: People) -> None:
    team = people.team()
    manager = people.signed_in(people.person("Mary", manager=team))
    assert manager.get("/settings").status_code == 403
    assert 'href="/settings"' not in manager.get("/calls").text

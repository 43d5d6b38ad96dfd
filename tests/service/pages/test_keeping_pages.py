"""Holds and erasure on pages: what they ask first, what they do, who may."""

import uuid

from fastapi.testclient import TestClient

from tests.service.pages.test_pages import forms_token
from tests.service.people import People


def sent(client: TestClient, page: str, action: str, **fields: str) -> str:
    """What comes of a form of a page; its hidden fields go with it."""
    text = client.get(page).text
    form = text.split(f'action="{action}"')[1].split("</form>")[0]
    if 'name="version" value="' in form:
        fields["version"] = form.split('name="version" value="')[1].split('"')[0]
    return client.post(action, data={"csrf_token": forms_token(text), **fields}).text


def test_a_call_on_hold_is_not_deleted_until_that_is_lifted(people: People) -> None:
    team = people.team()
    rita, boss = people.person("Rita", rep=team), people.signed_in(people.person("Boss", manager=team))
    call = people.call(team, rita)
    page = f"/calls/{call}"
    held = sent(boss, page, f"{page}/hold", reason="Dispute 2026-114.")
    assert "Dispute 2026-114." in held
    assert f'action="{page}/delete"' not in held
    assert people.sql("select reason from legal_hold where call_id = %s", call) == [("Dispute 2026-114.",)]
    seen = people.signed_in(rita).get(page).text
    assert "Dispute 2026-114." in seen
    assert f'action="{page}/hold/lift"' not in seen
    assert "The hold is lifted." in sent(boss, page, f"{page}/hold/lift")
    assert people.sql("select count(*) from legal_hold") == [(0,)]


def erasable(people: People) -> tuple[uuid.UUID, uuid.UUID]:
    team = people.team()
    rita = people.person("Rita", rep=team)
    return rita, people.call(team, rita)


def test_a_person_is_erased_once_their_name_is_typed(people: People) -> None:
    rita, call = erasable(people)
    ada = people.signed_in(people.person("Ada", administrator=True))
    page = f"/people/{rita}"
    refused = sent(ada, page, f"{page}/erase", name="Rosa")
    assert "Nothing was erased" in refused
    assert people.sql("select count(*) from call where id = %s", call) == [(1,)]
    done = sent(ada, page, f"{page}/erase", name="Rita")
    assert "1 call went" in done
    assert people.sql("select count(*) from call where id = %s", call) == [(0,)]
    assert people.sql("select name from person where id = %s", rita) == [("Removed person",)]


def test_who_is_no_administrator_erases_nobody(people: People) -> None:
    rita, call = erasable(people)
    boss = people.signed_in(people.person("Boss", manager=people.sql("select id from team")[0][0]))
    token = forms_token(boss.get("/account").text)
    refused = boss.post(f"/people/{rita}/erase", data={"csrf_token": token, "name": "Rita", "version": "1"})
    assert refused.status_code in {403, 404}
    assert people.sql("select count(*) from call where id = %s", call) == [(1,)]

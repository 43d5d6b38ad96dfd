"""A person who is erased is gone with what is theirs; what others rely on stays without the name."""

import json

from service.app import API
from service.auth.permissions import Action
from service.settings import Settings
from tests.service.calls.house import furnished, stored_files
from tests.service.calls.recordings import WHAT, sending, wav
from tests.service.documents import DIMENSIONS, document
from tests.service.people import People, shown

ANY = {"If-Match": "*"}


def everything(people: People) -> str:
    """Every row of every table, as text."""
    tables = people.sql(
        "select table_name from information_schema.tables where table_schema = 'public'"
        " and table_type = 'BASE TABLE' and starts_with(table_name, 'procrastinate') is false"
    )
    return "\n".join(
        json.dumps(row[0], default=str)
        for (table,) in tables
        for row in people.sql(f'select to_jsonb(t) from "{table}" t')
    )


def test_a_rep_is_gone_with_calls_practice_and_name(people: People, settings: Settings) -> None:
    house = furnished(people)
    rep = house.as_("rep")
    answer = rep.post(f"{API}/calls", files=sending(wav()), data=WHAT)
    assert answer.status_code == 201, shown(answer)
    me = rep.get(f"{API}/me").json()
    people.call(house.team, me["id"], practice=True)
    rep.post(f"{API}/me/tokens", json={"name": "CRM", "scopes": [Action.CALL_VIEW]})
    people.sql("insert into sign_in_failure (whom) values (%s)", me["email"])
    admin = people.signed_in(people.person("Ada", administrator=True))
    done = admin.post(f"{API}/people/{me['id']}/erasure", headers=ANY)
    assert done.status_code == 200, shown(done)
    assert (done.json()["calls"], done.json()["held"]) == (1, 0)
    assert any("audit log" in line for line in done.json()["remains"])
    assert rep.get(f"{API}/me").status_code == 401
    assert people.sql("select count(*) from call where rep_id = %s", me["id"]) == [(0,)]
    assert stored_files(settings) == []
    left = everything(people)
    assert me["email"] not in left
    assert f'"{me["name"]}"' not in left


def test_what_they_said_of_others_stays_without_the_name(people: People) -> None:
    people.sql("insert into setting (name, value) values ('blind_share', '0')")
    team = people.team()
    mara, rita = people.person("Mara", manager=team), people.person("Rita", rep=team)
    call = people.call(team, rita)
    scoring = people.scoring(call, dict.fromkeys(DIMENSIONS, 4), document())
    body = {
        "scoring": str(scoring),
        "scores": [{"dimension": DIMENSIONS[0], "value": 2, "reason": "Ask more."}],
    }
    assert (
        people.signed_in(mara).post(f"{API}/calls/{call}/reviews", json=body, headers=ANY).status_code == 201
    )
    admin = people.signed_in(people.person("Ada", administrator=True))
    assert admin.post(f"{API}/people/{mara}/erasure", headers=ANY).status_code == 200
    told = people.signed_in(rita).get(f"{API}/audit").json()["items"]
    assert {entry["actor"] for entry in told if entry["action"] == "score reviewed"} == {"Removed person"}
    assert people.sql("select value, reason from review") == [(2, "Ask more.")]


def test_a_call_on_hold_stays_and_is_told(people: People) -> None:
    team = people.team()
    mara, rita = people.person("Mara", manager=team), people.person("Rita", rep=team)
    held = people.call(team, rita)
    reason = {"reason": "A dispute."}
    assert people.signed_in(mara).put(f"{API}/calls/{held}/hold", json=reason).status_code == 200
    admin = people.signed_in(people.person("Ada", administrator=True))
    done = admin.post(f"{API}/people/{rita}/erasure", headers=ANY).json()
    assert (done["calls"], done["held"]) == (0, 1)
    assert "hold" in done["remains"][-1]
    assert people.sql("select count(*) from call where id = %s", held) == [(1,)]


def test_only_another_administrator_erases_somebody(people: People) -> None:
    ada = people.person("Ada", administrator=True)
    admin = people.signed_in(ada)
    assert admin.post(f"{API}/people/{ada}/erasure", headers=ANY).status_code == 409
    team = people.team()
    rita = people.person("Rita", rep=team)
    manager = people.signed_in(people.person("Mara", manager=team))
    assert manager.post(f"{API}/people/{rita}/erasure", headers=ANY).status_code == 403
    assert admin.post(f"{API}/people/{rita}/erasure").status_code == 428

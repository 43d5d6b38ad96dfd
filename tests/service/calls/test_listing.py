"""The list of calls, one call, and its sound."""

import uuid
from itertools import pairwise

import pytest

from tests.service.calls.house import House, furnished
from tests.service.calls.recordings import WHAT, sending, wav
from tests.service.people import People


@pytest.fixture
def house(people: People) -> House:
    return furnished(people)


def titles(house: House, who: str, **filters: object) -> list[str]:
    answer = house.as_(who).get("/api/v1/calls", params={k: str(v) for k, v in filters.items()})
    assert answer.status_code == 200, answer.text
    return [call["title"] for call in answer.json()["items"]]


def test_everybody_sees_the_calls_that_are_theirs_to_see(house: House) -> None:
    elsewhere = house.people.team("Elsewhere")
    stranger = house.people.person("Ute", rep=elsewhere)
    for title, rep in (("mine", house.rep), ("other", house.other)):
        house.people.call(house.team, rep, title=title)
        house.people.call(house.team, rep, title=f"{title} practice", practice=True)
    house.people.call(elsewhere, stranger, title="elsewhere")
    assert titles(house, "rep") == ["mine practice", "mine"]
    assert titles(house, "manager") == ["other", "mine"]
    assert titles(house, "coach") == ["mine"]


def test_filters(house: House) -> None:
    house.people.call(house.team, house.rep, title="100% sure", call_type="demo", happened_on="2026-03-01")
    house.people.call(house.team, house.other, title="Other", account="Acme 100", state="failed")
    house.people.call(house.team, house.rep, title="Third", happened_on="2026-03-20", practice=True)
    assert titles(house, "manager", text="100%") == ["100% sure"]
    assert titles(house, "manager", text="acme") == ["Other"]
    assert titles(house, "manager", state="failed") == ["Other"]
    assert titles(house, "manager", rep=house.rep) == ["100% sure"]
    assert titles(house, "manager", call_type="demo") == ["100% sure"]
    assert titles(house, "manager", since="2026-03-01", until="2026-03-01") == ["100% sure"]
    assert titles(house, "rep", practice="true") == ["Third"]
    assert titles(house, "rep", team=uuid.uuid4()) == []
    assert titles(house, "manager", text="\0") == []


def test_pages_hold_every_call_once_in_order(house: House) -> None:
    for number in range(7):
        house.people.call(house.team, house.rep, title=str(number))
    house.people.sql("update call set created_at = '2026-01-01' where title in ('2', '3', '4')")
    manager, seen, cursor = house.as_("manager"), [], None
    for _ in range(10):
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = manager.get("/api/v1/calls", params=params).json()
        seen += [(call["created_at"], call["id"]) for call in page["items"]]
        if (cursor := page["next"]) is None:
            break
        house.people.call(house.team, house.rep, title="new")  # what comes in meanwhile shifts nothing
    assert len(seen) == len(set(seen)) == 7
    assert all(one > other for one, other in pairwise(seen))
    assert manager.get("/api/v1/calls", params={"cursor": "nonsense"}).status_code == 422


def test_one_call_as_its_people_see_it(house: House) -> None:
    call = house.people.call(house.team, house.rep, title="One")
    seen = house.as_("coach").get(f"/api/v1/calls/{call}")
    assert (seen.status_code, seen.headers["etag"]) == (200, '"1"')
    assert seen.json()["rep"] == {"id": str(house.rep), "name": "Ines"}
    assert house.as_("other").get(f"/api/v1/calls/{call}").status_code == 404
    assert house.as_("rep").get(f"/api/v1/calls/{uuid.uuid4()}").status_code == 404


def test_sound_comes_whole_and_in_ranges(house: House) -> None:
    content = wav(0.5)
    rep = house.as_("rep")
    call = rep.post("/api/v1/calls", files=sending(content), data=WHAT).json()["call"]["id"]
    place = f"/api/v1/calls/{call}/audio"
    whole = rep.get(place)
    assert (whole.status_code, whole.content) == (200, content)
    assert (whole.headers["content-type"], whole.headers["accept-ranges"]) == ("audio/wav", "bytes")
    part = rep.get(place, headers={"Range": "bytes=100-199", "If-Range": whole.headers["etag"]})
    assert (part.status_code, part.content) == (206, content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(content)}"
    assert rep.get(place, headers={"Range": "bytes=-5"}).content == content[-5:]
    assert rep.get(place, headers={"Range": "bytes=5-", "If-Range": '"old"'}).content == content
    beyond = rep.get(place, headers={"Range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")
    head = rep.head(place)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(content)), b"")
    assert house.as_("other").get(place).status_code == 404


def test_a_listening_is_in_the_audit_log_once_however_many_ranges(house: House) -> None:
    rep = house.as_("rep")
    call = rep.post("/api/v1/calls", files=sending(wav()), data=WHAT).json()["call"]["id"]
    for who in ("rep", "manager"):
        client = house.as_(who)
        for start in range(0, 300, 50):
            client.get(f"/api/v1/calls/{call}/audio", headers={"Range": f"bytes={start}-{start + 49}"})
    query = "select actor, about_id from audit where action = 'call.listened' and call_id = %s order by id"
    assert house.people.sql(query, call) == [("Ines", house.rep), ("Mona", house.rep)]

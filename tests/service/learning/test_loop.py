"""The whole loop: reviews teach, a person decides, drafts follow, and nothing that is there changes."""

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import API
from service.settings import Settings
from tests.service.calls.working import TEXT, drain, enqueue
from tests.service.command import Run
from tests.service.learning.organisation import Organisation, confirmed, founded, harsher, reviewed
from tests.service.people import People, shown

CALLS = 90


def fresh(organisation: Organisation, title: str, **more: Any) -> uuid.UUID:
    """A call that waits for its analysis."""
    call = organisation.people.call(
        organisation.team, organisation.rep, transcript=TEXT, state="queued", title=title, **more
    )
    enqueue(organisation.people, call)
    return call


def versions(people: People, call: uuid.UUID) -> list[str]:
    rows = people.sql("select model_version from scoring where call_id = %s order by number", call)
    return [row[0] for row in rows]


def drafts(people: People, call: uuid.UUID) -> dict[str, int | None]:
    """Those of the newest scoring."""
    query = (
        "select dimension, value from draft join scoring on scoring.id = scoring_id"
        " where scoring.call_id = %s and number = (select max(number) from scoring where call_id = %s)"
    )
    return dict(people.sql(query, call, call))


def put_in_use(administrator: TestClient, version: str) -> list[dict[str, Any]]:
    tag = administrator.get(f"{API}/learning/versions").headers["ETag"]
    answer = administrator.put(f"{API}/learning/in-use", json={"version": version}, headers={"If-Match": tag})
    assert answer.status_code == 200, shown(answer)
    found: list[dict[str, Any]] = answer.json()
    return found


def test_what_coaches_changed_is_learned_and_a_person_decides(
    people: People, settings: Settings, database_url: str
) -> None:
    organisation = founded(people)
    given = harsher(CALLS)
    reviewed(organisation, given)
    [private] = reviewed(organisation, [item for item in given if item.call == given[0].call], seed=1)
    people.sql("update call set practice = true where id = %s", private)
    ada, mara = people.signed_in(organisation.administrator), people.signed_in(organisation.manager)
    old = fresh(organisation, "Before")

    asked = [ada.post(f"{API}/learning/runs", json={}) for _ in range(2)]
    assert [one.status_code for one in asked] == [202, 202], shown(asked[0])
    assert asked[0].json()["id"] == asked[1].json()["id"]
    drain(settings, database_url, seconds=500)
    run = ada.get(f"{API}/learning/runs/{asked[0].json()['id']}").json()
    assert (run["state"], run["calls"], run["reviewers"], run["by"]) == ("done", CALLS, 1, "Ada"), run
    version = run["version"]
    assert version.startswith("trained-")
    new = [one for one in run["figures"] if one["new"]]
    assert new
    for one in new:
        assert one["after"]["kappa"] > one["before"]["kappa"]
        assert abs(one["after"]["bias"]) < abs(one["before"]["bias"])
    [text] = people.sql("select text from weights")[0]
    assert "Cleo" not in text
    assert str(organisation.coach) not in text

    # It waits: nobody's draft is another one yet.
    shipped = versions(people, old)
    before = drafts(people, old)
    told = mara.get(f"{API}/learning").json()
    assert (told["version"], told["since"], told["waiting"]) == (shipped[0], None, version)
    assert told["says"][-1].endswith("An administrator decides whether it is used.")
    assert f"{CALLS} of your team's" in told["says"][1]
    assert ada.put(f"{API}/learning/in-use", json={"version": version}).status_code == 428
    assert [one["in_use"] for one in put_in_use(ada, version)] == [True, False]
    assert mara.get(f"{API}/learning").json()["waiting"] is None

    follows = fresh(organisation, "After")
    drain(settings, database_url, seconds=500)
    assert versions(people, follows) == [version]
    assert "in use since" in mara.get(f"/calls/{follows}").text
    assert versions(people, old) == shipped
    assert drafts(people, old) == before
    assert f"Score anew by {version}" in mara.get(f"/calls/{old}").text

    # Only when somebody asks is an old call scored anew, and then both are there.
    reviews = people.sql("select count(*) from review")
    answer = mara.post(f"{API}/teams/{organisation.team}/rescorings", json={"days": 30})
    assert answer.status_code == 202, shown(answer)
    people.sql("update call set state = 'failed' where title not in ('Before', 'After')")
    drain(settings, database_url, seconds=500)
    assert versions(people, old) == [*shipped, version]
    assert versions(people, follows) == [version]
    after = drafts(people, old)
    assert after != before
    found = mara.get(f"{API}/rescorings/{answer.json()['id']}").json()
    assert (found["rescoring"]["calls"], found["rescoring"]["waiting"]) == (1, 0)
    [changed] = found["changed"]
    assert (changed["call"], changed["before"], changed["after"]) == (str(old), shipped[0], version)
    assert {one["dimension"]: (one["before"], one["after"]) for one in changed["changes"]} == {
        name: (before[name], after[name]) for name in before if before[name] != after[name]
    }
    assert people.sql("select count(*) from review") == reviews
    assert f"Scored anew: before, by {shipped[0]}" in mara.get(f"/calls/{old}").text
    # Whoever is to read the call blind is told neither draft.
    people.sql(
        "insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, true)"
        " on conflict (call_id, reviewer_id) do update set blind = true",
        old,
        organisation.manager,
    )
    found = mara.get(f"{API}/rescorings/{answer.json()['id']}").json()
    assert (found["changed"], found["rescoring"]["changed"], found["rescoring"]["hidden"]) == ([], 0, 1)

    # Back to what was shipped.
    put_in_use(ada, "shipped")
    back = fresh(organisation, "Back")
    drain(settings, database_url, seconds=500)
    assert versions(people, back) == shipped
    assert drafts(people, back) == before
    log = people.sql("select actor, detail->>'version' from audit where action = 'weights put in use'")
    assert log == [("Ada", version), ("Ada", "shipped")]


def test_what_is_not_better_is_not_offered(
    people: People, ridealong: Run, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("RIDEALONG_DATABASE_URL", database_url)
    organisation = founded(people)
    reviewed(organisation, confirmed(harsher(CALLS), "donor"), "donor")
    tried = ridealong("learn", "--framework", "donor")
    assert tried.status == 0, tried.err
    assert tried.out.splitlines()[-1] == "nothing is better than what is in use; drafts stay as they are"
    ada = people.signed_in(organisation.administrator)
    [found] = ada.get(f"{API}/learning/runs").json()["runs"]
    assert (found["state"], found["version"], found["by"], found["calls"]) == ("done", None, None, CALLS)
    assert all("Not surely better" in one["why"] for one in found["figures"])
    told = ada.get(f"{API}/learning", params={"framework": "donor"}).json()
    assert told["waiting"] is None
    assert "nothing that is surely better" in told["says"][-1]
    report = ada.get(f"{API}/learning/runs/{found['id']}/report")
    assert report.status_code == 200
    assert "sandbox" in report.headers["content-security-policy"]
    assert "Cleo" not in report.text
    unknown = ridealong("learn", "--framework", "donor", "--use", "trained-0")
    assert (unknown.status, len(unknown.complaints)) == (2, 1)

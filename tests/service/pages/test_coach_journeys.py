"""Coaches do their jobs in real Chromium: the queue, passes, contests, calibration, agreement."""

import datetime as dt
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Page, Route, expect

from service.auth.store import key_of
from service.edge import COOKIE
from tests.service.documents import DIMENSIONS, document
from tests.service.pages.browsing import NEEDED, House, opened, shot, violations
from tests.service.people import People

pytestmark = NEEDED
NOW = dt.datetime.now(dt.UTC)


@dataclass
class Floor:
    """The house with a second coach of Rita's, Cleo; rows are put in directly."""

    house: House
    people: People
    team: uuid.UUID
    ids: dict[str, uuid.UUID]

    def call(self, title: str, **more: Any) -> tuple[uuid.UUID, uuid.UUID]:
        """A scored call of Rita's: its id and its scoring's."""
        call = self.people.call(self.team, self.ids["rita"], title=title, **more)
        drafts = {one["dimension"]: one["value"] for one in document()["scorecard"]["scores"]}
        return call, self.people.scoring(call, drafts, document())

    @contextmanager
    def visitor(self, name: str, **options: Any) -> Iterator[Page]:
        """A browser in which somebody is signed in already: the door has journeys of its own."""
        secret = secrets.token_urlsafe(16)
        self.people.sql(
            "insert into session (key, person_id, expires_at, browser) values (%s, %s, %s, '')",
            key_of(secret),
            self.ids[name],
            NOW + dt.timedelta(hours=1),
        )
        with self.house.visitor(None, **options) as page:
            page.context.add_cookies([{"name": COOKIE, "value": secret, "url": self.house.address}])
            yield page

    def review(self, call: uuid.UUID, scoring: uuid.UUID, by: str, **more: Any) -> None:
        row = {"dimension": "discovery", "draft": 3, "value": 3, "blind": False, "reason": "", **more}
        self.people.insert(
            "review", call_id=call, scoring_id=scoring, reviewer_id=self.ids[by], features={}, **row
        )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("coach"), workers=0) as made:
        made.staffed()
        yield made


@pytest.fixture(scope="module")
def floor(house: House) -> Iterator[Floor]:
    with People(TestClient(FastAPI()), house.service.url) as people:
        team = people.sql("select id from team")[0][0]
        ids = {name: house.id_of(name) for name in ("ann", "carl", "rita")}
        ids["cleo"] = people.person("Cleo", coach=team)
        people.assign(ids["cleo"], ids["rita"])
        yield Floor(house, people, team, ids)


def submitted(floor: Floor, title: str) -> uuid.UUID:
    """The call of an attempt that Rita has submitted."""
    scenario = floor.people.insert(
        "scenario",
        team_id=floor.team,
        title="The price is too high",
        skill="discovery",
        instructions="Ask before you answer.",
        framework="default",
        thresholds={"discovery": 4},
        made_by=floor.ids["carl"],
        version=1,
    )
    at = NOW - dt.timedelta(days=9)
    call, _ = floor.call(title, practice=True, source="practice", submitted_at=at)
    floor.people.insert(
        "attempt",
        scenario_id=scenario,
        rep_id=floor.ids["rita"],
        call_id=call,
        number=1,
        scenario_version=1,
        framework_version="1",
        thresholds={"discovery": 4},
        self_scores={"discovery": 3},
        submitted_at=at,
    )
    return call


def test_submitted_practice_goes_from_the_queue_to_a_granted_pass(floor: Floor) -> None:
    submitted(floor, "Second try")
    with floor.visitor("carl") as page:
        page.goto("/calls")
        page.get_by_role("link", name="Queue").click()
        item = page.get_by_role("listitem").filter(has_text="Second try")
        expect(item).to_contain_text("Practice was submitted")
        expect(item).to_contain_text("was due")
        assert violations(page) == []
        shot(page, "queue")
        item.get_by_role("link", name="Second try").click()
        grant = page.get_by_role("button", name="Grant the pass")
        expect(grant).to_be_disabled()
        expect(page.locator("#deciding")).to_contain_text("Score Discovery quality first")
        assert violations(page) == []
        page.get_by_label("Reason, for the rep").fill("You asked what it costs them.")
        page.get_by_label("Your score for Discovery quality").get_by_text("4", exact=True).click()
        expect(page.locator("#card-discovery .given")).to_contain_text("4 confirmed by Carl")
        expect(grant).to_be_enabled()
        expect(page.locator("#deciding")).not_to_contain_text("first")
        expect(page.get_by_label("Reason, for the rep")).to_have_value("You asked what it costs them.")
        page.get_by_label("The moment that decided it").select_option(index=1)
        page.get_by_role("button", name="Grant the pass").click()
        expect(page.locator("#decision .given")).to_contain_text("Passed by Carl")
        page.goto("/queue?kind=practice")
        expect(page.locator("body")).not_to_contain_text("Second try")


def test_without_scripts_a_pass_is_offered_once_it_can_be_granted(floor: Floor) -> None:
    call = submitted(floor, "In writing")
    with floor.visitor("carl", java_script_enabled=False) as page:
        page.goto(f"/calls/{call}")
        expect(page.get_by_role("button", name="Grant the pass")).to_be_disabled()
        page.get_by_label("Your score for Discovery quality").get_by_text("Not observed").click()
        expect(page.get_by_role("row", name="Discovery quality").first).to_contain_text("not observed")
        page.get_by_label("Reason, for the rep").fill("There was nothing to find out.")
        page.get_by_role("button", name="Grant the pass").click()
        expect(page.locator("#decision .given")).to_contain_text("Passed by Carl")


def late(route: Route) -> None:
    time.sleep(0.3)
    route.continue_()


def test_scores_pressed_fast_on_practice_are_all_kept(floor: Floor) -> None:
    call = submitted(floor, "In haste")
    with floor.visitor("carl") as page:
        page.goto(f"/calls/{call}")
        page.route("**/reviews", late)
        page.locator("article[data-card]").first.focus()
        for key in ("4", "j", "4", "j", "4"):
            page.keyboard.press(key)
        expect(page.locator("article[data-card] .given")).to_have_count(3)
        expect(page.get_by_role("button", name="Grant the pass")).to_be_enabled()
    assert floor.people.sql("select value from review where call_id = %s", call) == [(4,)] * 3


def test_two_coaches_at_once_decide_once(floor: Floor) -> None:
    call = submitted(floor, "Third try")
    [(scoring,)] = floor.people.sql("select id from scoring where call_id = %s", call)
    floor.review(call, scoring, "carl", value=3)
    with floor.visitor("carl") as one, floor.visitor("cleo") as other:
        for page in (one, other):
            page.goto(f"/calls/{call}")
            page.get_by_label("Reason, for the rep").fill("One more round.")
        one.get_by_role("button", name="Not yet").click()
        expect(one.locator("#decision .given")).to_contain_text("Not yet by Carl")
        other.get_by_role("button", name="Grant the pass").click()
        expect(other.get_by_role("main")).to_contain_text("Somebody has edited this since you read it")
    assert floor.people.sql(
        "select passed from decision join attempt a on a.id = attempt_id where call_id = %s", call
    ) == [(False,)]


def test_a_contest_is_decided_by_another_reviewer(floor: Floor) -> None:
    call, scoring = floor.call("Northwind")
    floor.review(call, scoring, "carl", value=2, draft=3)
    floor.people.insert(
        "contest", call_id=call, dimension="discovery", by_id=floor.ids["rita"], reason="I asked twice."
    )
    with floor.visitor("carl") as page:
        page.goto("/queue?kind=contest")
        expect(page.get_by_role("listitem").filter(has_text="Northwind")).to_contain_text(
            "somebody else decides"
        )
        page.get_by_role("link", name="Northwind").click()
        expect(page.locator("#contests")).to_contain_text("You gave this score")
    with floor.visitor("cleo", java_script_enabled=False) as page:
        page.goto("/queue?kind=contest")
        page.get_by_role("link", name="Northwind").click()
        contest = page.locator("#contests")
        contest.get_by_label("4", exact=True).check()
        contest.get_by_label("Why").fill("Twice, at 0:12 and later.")
        contest.get_by_role("button", name="Decide").click()
        expect(page.locator("#contests")).to_contain_text("Twice, at 0:12 and later.")
        expect(page.locator("#card-discovery .given")).to_contain_text("4 confirmed by Cleo")


def test_a_note_reaches_the_rep_and_no_edit_is_lost(floor: Floor) -> None:
    call, _ = floor.call("Harbour")
    with floor.visitor("carl") as page, floor.visitor("rita") as rep:
        page.goto(f"/calls/{call}")
        page.get_by_label("What went well?").fill("You waited.")
        page.get_by_label("What to do differently?").fill("Name the next date.")
        page.get_by_label("What one thing to practise?").fill("Close with a day and an hour.")
        page.get_by_label("You talk next on").fill("2026-12-01")
        page.get_by_role("button", name="Give the note").click()
        expect(page.locator(".coaching-note")).to_contain_text("1 Dec 2026")
        rep.goto(f"/calls/{call}")
        expect(rep.locator(".coaching-note")).to_contain_text("Close with a day and an hour.")
        expect(rep.get_by_text("Edit your note")).to_have_count(0)
        page.get_by_text("Edit your note").click()
        floor.people.sql("update coaching_note set version = 2 where call_id = %s", call)
        floor.people.sql(
            "insert into note_version (note_id, version, went_well, differently, practise) "
            "select id, 2, 'From the other window', 'b', 'c' from coaching_note where call_id = %s",
            call,
        )
        page.get_by_role("button", name="Save the note").click()
        expect(page.get_by_role("main")).to_contain_text("Somebody has edited this since you read it")


def test_a_calibration_of_three_leaks_nothing(floor: Floor) -> None:
    call, _ = floor.call("Clinic")
    card = document()["scorecard"]["scores"]
    telling = [one["advice"] for one in card if one["advice"]]
    with floor.visitor("ann") as page:
        page.goto(f"/calls/{call}")
        page.get_by_text("Score this call together").click()
        page.get_by_label("Carl").check()
        page.get_by_label("Cleo").check()
        page.get_by_label("What is it about?").fill("Is discovery a 3 or a 4?")
        page.get_by_role("button", name="Open the calibration").click()
        path = page.url
        expect(page.locator("main")).to_contain_text("People score")
        assert violations(page) == []
    bodies: list[str] = []
    for name, value in (("carl", "2"), ("cleo", "4"), ("ann", "3")):
        with floor.visitor(name) as page:
            bodies.clear()
            page.on("response", lambda answer: bodies.append(_text(answer)))
            page.goto("/queue?kind=calibration")
            page.get_by_role("link", name="Clinic").click()
            expect(page.locator("main")).to_contain_text("Is discovery")
            page.get_by_role("link", name="Read the call and give your scores").click()
            expect(page.get_by_text("score it alone first")).to_be_visible()
            traffic = "\n".join(bodies)
            for words in [*telling, "What would raise it", "secret of"]:
                assert words not in traffic, (name, words)
            for group in page.locator("fieldset.card").all():
                group.get_by_label(value, exact=True).check()
            page.locator("#reason-discovery").fill(f"secret of {name}")
            page.get_by_role("button", name="Give my scores").click()
            expect(page.locator("main")).to_contain_text("Saved.")
    with floor.visitor("ann") as page:
        page.goto(path)
        row = page.get_by_role("row", name="Discovery quality")
        expect(row).to_contain_text("secret of carl")
        shot(page, "calibration")
        assert violations(page) == []
        for field in page.get_by_label("Reason for").all():
            field.fill("Agreed after listening again.")
        page.get_by_role("button", name="Settle").click()
        expect(page.locator("main")).to_contain_text("Settled")
        page.goto(f"/calls/{call}")
        expect(page.locator("#card-discovery .given")).to_contain_text("3 confirmed by Ann")


def _text(answer: Any) -> str:
    kind = answer.headers.get("content-type", "")
    return (
        str(answer.text())
        if answer.status == 200 and kind.startswith(("text/html", "application/json"))
        else ""
    )


def test_a_dimension_under_its_floor_turns_to_people_only(floor: Floor) -> None:
    for number in range(40):
        call = floor.people.call(floor.team, floor.ids["rita"], title=f"Old {number}", state="done")
        scoring = floor.people.scoring(call, {})
        at = NOW - dt.timedelta(days=number * 2)
        value = 1 + number % 5
        floor.review(call, scoring, "carl", blind=True, draft=6 - value, value=value, at=at)
        if number < 12:
            floor.review(call, scoring, "carl", blind=True, dimension="value", draft=3, value=3, at=at)
    call, _ = floor.call("Orchard")
    with floor.visitor("ann") as page:
        page.goto(f"/calls/{call}")
        expect(page.locator("#card-discovery .draft")).to_contain_text("draft")
        page.goto("/queue")
        page.get_by_role("link", name="Agreement of Sales North").click()
        section = page.get_by_role("region", name="Discovery quality").first
        expect(section).to_contain_text("People only: on 40 blind reads")
        expect(page.locator("main")).to_contain_text("Not enough blind reads: 12 of 30")
        assert violations(page) == []
        shot(page, "agreement")
        answer = page.goto(f"/calls/{call}")
        expect(page.locator("#card-discovery .draft")).to_contain_text("People only")
        first = next(one for one in document()["scorecard"]["scores"] if one["dimension"] == "discovery")
        assert answer
        assert first["advice"] not in answer.text()
    floor.people.sql("update people_only set ended_at = now()")


def test_who_accepts_everything_is_told_first(floor: Floor) -> None:
    call, scoring = floor.call("Meadow")
    for number in range(60):
        floor.review(call, scoring, "cleo", dimension=DIMENSIONS[number % 5], at=NOW)
    with floor.visitor("ann") as page:
        with floor.visitor("cleo") as own:
            own.goto("/queue")
            expect(own.locator("main")).to_contain_text("You leave nearly every draft as it is")
            assert violations(own) == []
        page.goto(f"/teams/{floor.team}/agreement")
        expect(page.locator("main")).not_to_contain_text("Cleo")
        floor.people.sql("update acceptance_note set told_at = now() - interval '8 days'")
        page.reload()
        expect(page.locator("main")).to_contain_text("Cleo accepted")


def test_on_a_phone_and_in_the_dark(floor: Floor) -> None:
    call, _ = floor.call("Small")
    wide: list[str] = []
    faults: list[str] = []
    with floor.visitor("ann", viewport={"width": 360, "height": 740}, color_scheme="dark") as page:
        [(calibration,)] = floor.people.sql("select id from calibration limit 1")
        for path in ("/queue", "/agreement", f"/calls/{call}", f"/calibrations/{calibration}"):
            page.goto(path)
            faults += violations(page)
            if _width(page) > 360:
                wide.append(path)
    assert (faults, wide) == ([], [])


def _width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))

"""Administrators and managers decide on what was learned, in real Chromium."""

import datetime as dt
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect
from psycopg.types.json import Jsonb

from service.auth.store import key_of
from service.edge import COOKIE
from tests.service.pages.browsing import NEEDED, House, opened, shot, violations
from tests.service.people import People

pytestmark = NEEDED
VERSION = "trained-ab12cd34ef56"
REPORT = "<!doctype html><title>Report</title><style>h1 { color: green }</style><h1>Measured</h1>"
SHARES = {"exact": 0.5, "within_one": 0.9, "coverage": 0.8}


def figures() -> list[dict[str, Any]]:
    def found(name: str, before: float, after: float, *, new: bool, why: str) -> dict[str, Any]:
        sides = [
            {"kappa": kappa, "low": kappa - 0.12, "high": kappa + 0.1, "bias": 0.1, **SHARES}
            for kappa in (before, after)
        ]
        return {
            "dimension": name,
            "cases": 42,
            "people": True,
            "new": new,
            "before": sides[0],
            "after": sides[1],
            "why": why,
        }

    better = "Better: agreement is higher in 97% of 2,000 redrawn samples of these calls."
    same = "Not surely better: agreement is higher in 61% of 2,000 redrawn samples of these calls."
    return [
        found("discovery", 0.58, 0.79, new=True, why=better),
        found("presence", 0.7, 0.71, new=False, why=same),
    ]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("learning"), workers=0) as made:
        made.staffed()
        yield made


@contextmanager
def visitor(house: House, people: People, name: str, **options: Any) -> Iterator[Page]:
    """A browser in which somebody is signed in already: the door has journeys of its own."""
    secret = secrets.token_urlsafe(16)
    people.sql(
        "insert into session (key, person_id, expires_at, browser) values (%s, %s, %s, '')",
        key_of(secret),
        house.id_of(name),
        dt.datetime.now(dt.UTC) + dt.timedelta(hours=1),
    )
    with house.visitor(None, **options) as page:
        page.context.add_cookies([{"name": COOKIE, "value": secret, "url": house.address}])
        yield page


def learned(people: People, team: uuid.UUID) -> None:
    run = people.insert(
        "learning_run",
        framework="default",
        state="done",
        finished_at=dt.datetime.now(dt.UTC),
        reviews=640,
        calls=132,
        reviewers=3,
        teams={str(team): 132},
        data_hash="4f1d2a9c0b3e",
        against="prior-0d9c3b1a7e55",
        figures=Jsonb(figures()),
        report=REPORT,
    )
    people.insert(
        "weights", framework="default", version=VERSION, run_id=run, learned=Jsonb(["discovery"]), text=""
    )


def rescored(people: People, house: House, team: uuid.UUID) -> uuid.UUID:
    """A rescoring that changed a call's draft of discovery from 4 to 3."""
    call = people.call(team, house.id_of("rita"), title="Northwind, first call")
    before = people.scoring(call, {"discovery": 4, "presence": 3})
    people.scoring(call, {"discovery": 3, "presence": 3})
    row = people.insert(
        "rescoring",
        team_id=team,
        by_id=house.id_of("ann"),
        first_day=dt.date(2026, 1, 1),
        done_at=dt.datetime.now(dt.UTC),
    )
    people.sql(
        "insert into rescored_call (rescoring_id, call_id, before_id) values (%s, %s, %s)", row, call, before
    )
    return row


def test_what_was_learned_is_read_decided_on_and_taken_back(house: House) -> None:
    with People(TestClient(FastAPI()), house.service.url) as people:
        team = people.sql("select id from team")[0][0]
        with visitor(house, people, "ann") as page:
            page.goto("/learning")
            expect(page.get_by_role("main")).to_contain_text("Nothing has been learned here yet")
            assert violations(page) == []
            learned(people, team)
            row = rescored(people, house, team)

            page.reload()
            expect(page.get_by_role("main")).to_contain_text("a version that agrees better on Discovery")
            assert violations(page) == []
            shot(page, "learning")
            page.get_by_role("button", name=f"Put in use: {VERSION}").click()
            expect(page.get_by_role("main")).to_contain_text("learned from 132 of the organisation's")
            page.get_by_label("Days between runs").fill("7")
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_label("Days between runs")).to_have_value("7")
            page.get_by_role("button", name="Put in use: as Ridealong came").press("Enter")
            expect(page.locator("#versions .version", has_text="As Ridealong came")).to_contain_text("in use")
            page.get_by_role("button", name="Learn from the reviews now").click()
            expect(page.locator("#runs")).to_contain_text("It waits for a worker.")

            page.get_by_role("link", name="The whole report").first.click()
            expect(page.get_by_role("heading", name="Measured")).to_have_css("color", "rgb(0, 128, 0)")

            page.goto(f"/learning/rescorings/{row}")
            expect(page.get_by_role("row", name="Northwind")).to_contain_text("Discovery")
            assert violations(page) == []
            shot(page, "rescoring")

        phone = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
        with visitor(house, people, "carl", **phone) as page:
            page.goto("/learning")
            expect(page.get_by_role("main")).to_contain_text("132 of your team's reviewed calls")
            expect(page.get_by_role("button", name="Put")).to_have_count(0)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert violations(page) == []


def test_a_manager_scores_earlier_calls_anew_without_javascript(house: House) -> None:
    with (
        People(TestClient(FastAPI()), house.service.url) as people,
        visitor(house, people, "ann", java_script_enabled=False) as page,
    ):
        page.goto("/learning")
        page.get_by_role("button", name="Score anew").first.click()
        expect(page.get_by_role("heading", name="Scored anew")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("when nothing else waits")
        assert people.sql("select count(*) from procrastinate_jobs where task_name = 'rescore'") == [(1,)]

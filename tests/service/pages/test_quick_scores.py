"""Somebody who presses keys faster than the server answers loses none of their scores."""

import time
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="playwright isn't installed; see docs/pages.md")

from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Route, expect, sync_playwright

from service.pages.html import has
from tests.service.pages.browsing import ARGUMENTS, CHROMIUM, House
from tests.service.pages.test_manager_pages import scored
from tests.service.people import People
from tests.service.processes import Service

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium; apt-get install chromium, see docs/pages.md"),
    pytest.mark.skipif(not has("htmx.min.js"), reason="no front-end libraries; install npm, make setup"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with (
        Service(tmp_path_factory.mktemp("quick") / "data", workers=0) as service,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser,
    ):
        made = House(service, browser)
        made.staffed()
        yield made
        assert made.faults == []


def late(route: Route) -> None:
    time.sleep(0.5)
    route.continue_()


def test_scores_given_in_quick_succession_are_all_kept(house: House) -> None:
    with People(TestClient(FastAPI()), house.service.url) as people, house.visitor() as page:
        team = house.service.sql("select id from team")[0][0]
        call = scored(people, team, house.id_of("rita"))
        page.goto(f"/calls/{call}")
        page.route("**/reviews", late)
        unfinished = page.locator("article[data-card] input[name^=reason-]").last
        unfinished.fill("not yet done")
        page.locator("article[data-card]").first.focus()
        for key in ("4", "j", "4", "j", "4"):
            page.keyboard.press(key)
        expect(page.locator("article[data-card] .given")).to_have_count(3)
        expect(unfinished).to_have_value("not yet done")
        expect(page.get_by_role("alert")).to_have_count(0)
        given = people.sql("select value from review where call_id = %s", call)
        assert given == [(4,), (4,), (4,)]


def test_a_refusal_leads_back_to_the_page_before(house: House) -> None:
    with house.visitor("carl", java_script_enabled=False) as page:
        page.goto("/teams")
        where = page.url
        page.goto("/settings", referer=where)
        page.get_by_role("link", name="Back to the page before").click()
        expect(page).to_have_url(where)

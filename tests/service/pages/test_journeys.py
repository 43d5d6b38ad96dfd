"""People do their jobs in real Chromium, with a real server, worker and database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.service.calls.working import TEXT
from tests.service.pages.browsing import (
    AXE,
    NEEDED,
    PASSWORD,
    ROOT,
    House,
    beginning,
    opened,
    shot,
    violations,
)

pytestmark = NEEDED
SPOKEN = ROOT / "sample_calls" / "demo-logistics" / "audio.wav"
SCRIPT = '<script>document.title = "stolen"</script>'


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("pages")) as made:
        made.first_administrator()
        yield made


@pytest.fixture(scope="module")
def written(house: House) -> str:
    """A call of Rita's, in which the buyer says a script."""
    return house.written(TEXT.replace("By hand.", f"By hand. {SCRIPT}"), "Clinic")


def test_an_upload_becomes_a_confirmed_score(house: House, tmp_path: Path) -> None:
    spoken = beginning(SPOKEN, tmp_path / "vans.wav", 14)
    with house.visitor() as page:
        page.goto("/calls/upload")
        page.locator("#files").set_input_files(spoken)
        page.get_by_label("On what ground").select_option("synthetic")
        page.get_by_label("Rep").select_option(label="Rita")
        page.get_by_label("Account").fill("Brightline Parcels")
        shot(page, "upload")
        page.get_by_role("button", name="Upload").click()
        row = page.get_by_role("row", name="vans")
        expect(row.get_by_role("progressbar")).to_be_visible()
        expect(row).to_contain_text("Ready", timeout=60_000)  # told by the server, without a reload
        shot(page, "calls")
        page.goto("/calls/upload")
        assert page.get_by_label("On what ground").input_value() == "synthetic"
        page.goto("/calls")
        page.get_by_role("link", name="vans").click()
        expect(page.locator("#wave > *")).to_have_count(1)

        page.locator("#transcript [data-play]").last.click()
        page.wait_for_function("audio.currentTime > 3")
        page.evaluate("audio.pause()")
        word = page.locator("#transcript .word").nth(3)
        at = float(word.get_attribute("data-at") or 0)
        word.click()
        page.wait_for_function("at => Math.abs(audio.currentTime - at) < 2", arg=at)
        page.evaluate("audio.pause()")

        marks = page.locator("mark:not(.off)").count()
        page.locator(".kinds input").first.uncheck()
        assert page.locator("mark:not(.off)").count() < marks

        page.get_by_label("Reason for Discovery quality").fill("She asked why")
        page.get_by_label("Your score for Discovery quality").get_by_text("4", exact=True).click()
        expect(page.locator("#card-discovery .given")).to_contain_text("4 confirmed by Ann")
        expect(page.locator("#card-discovery .given")).to_contain_text("She asked why")
        page.get_by_label("Comment", exact=True).fill("Good <b>place</b> to ask")
        page.get_by_label("At", exact=True).fill("0:05")
        page.get_by_role("button", name="Add the comment").click()
        expect(page.locator("#comments")).to_contain_text("Good <b>place</b> to ask")
        assert violations(page) == []
        page.evaluate("scrollTo(0, 0)")
        shot(page, "call")


def test_a_blind_read_never_leaks(house: House, written: str) -> None:
    call, carl = written.rsplit("/", 1)[-1], house.id_of("carl")
    house.service.sql(
        "insert into blind_pick (call_id, reviewer_id, blind) values (%s, %s, true)", call, carl
    )
    query = "select document from scoring where call_id = %s"
    card = house.service.sql(query, call)[0][0]["scorecard"]
    telling = [score["advice"] for score in card["scores"] if score["advice"]]
    assert telling
    bodies: list[str] = []
    with house.visitor("carl") as page:
        page.on("response", lambda answer: bodies.append(_text(answer)))
        page.goto(written)
        expect(page.get_by_text("This is a blind read")).to_be_visible()
        page.wait_for_load_state("networkidle")
        traffic = "\n".join(bodies)
        assert "By hand." in traffic
        for words in [*telling, "What would raise it", '"scorecard"', "Accept "]:
            assert words not in traffic, words
        shot(page, "blind")
        for group in page.locator("fieldset.card").all():
            group.get_by_label("2", exact=True).check()
        page.get_by_role("button", name="Give my scores").click()
        both = page.get_by_role("table", name="Draft and people")
        expect(both.get_by_role("row")).to_have_count(1 + len(card["scores"]))
        expect(both).to_contain_text("blind")
        assert telling[0] in page.inner_text("#scores")


def _text(answer: Any) -> str:
    kind = answer.headers.get("content-type", "")
    if answer.status != 200 or not kind.startswith(("text/html", "application/json")):
        return ""
    return json.dumps(answer.headers) + str(answer.text())


def test_what_is_said_is_text(house: House, written: str) -> None:
    with house.visitor() as page:
        page.goto(written)
        expect(page.locator("#transcript")).to_contain_text(SCRIPT)
        assert page.title().startswith("Clinic")


def test_two_reviewers_do_not_overwrite_each_other(house: House, written: str) -> None:
    with house.visitor() as one, house.visitor() as other:
        one.goto(written)
        other.goto(written)
        one.get_by_label("Your score for Next step").get_by_text("3", exact=True).click()
        expect(one.locator("#card-next_step .given")).to_contain_text("3 confirmed")
        other.get_by_label("Your score for Next step").get_by_text("5", exact=True).click()
        expect(other.get_by_role("alert")).to_contain_text("Somebody has edited this since you read it")
        other.reload()
        expect(other.locator("#card-next_step .given")).to_contain_text("3 confirmed")


def test_without_javascript(house: House, written: str) -> None:
    with house.visitor(java_script_enabled=False) as page:
        page.goto("/calls?text=clinic")
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_role("link", name="Clinic").click()
        page.get_by_label("Your score for Discovery quality").get_by_text("3", exact=True).click()
        expect(page.locator("#card-discovery .given")).to_contain_text("3 confirmed by Ann")
        page.get_by_label("Comment", exact=True).fill("Well asked")
        page.get_by_role("button", name="Add the comment").click()
        expect(page.locator("#comments")).to_contain_text("Well asked")
        page.get_by_label("Questions").uncheck()
        page.get_by_role("button", name="Show").click()
        expect(page.locator("mark.kind-asking")).to_have_count(0)


def test_a_file_that_is_no_call_says_what_to_do(house: House) -> None:
    bad = {"name": "notes.mp3", "mimeType": "audio/mpeg", "buffer": b"these are no sounds at all" * 40}
    for script in (True, False):
        with house.visitor(java_script_enabled=script) as page:
            page.goto("/calls/upload")
            page.locator("#files").set_input_files(bad)  # type: ignore[arg-type]  # as its documentation has it
            page.get_by_label("On what ground").select_option("synthetic")
            page.get_by_role("button", name="Upload").click()
            expect(page.locator(".outcomes").first).to_contain_text("notes.mp3")
            expect(page.locator(".outcomes .bad").first).to_be_visible()
            assert "/upload" in page.url


def test_by_keyboard_alone(house: House, written: str) -> None:
    with house.visitor(None) as page:
        page.goto(f"/sign-in?next={written}")
        _tab_to(page, "email")
        page.keyboard.type("ann@example.com")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Clinic").wait_for()
        page.wait_for_load_state()  # The heading may stand before the script that hears the keys
        page.keyboard.press("j")
        page.keyboard.press("5")
        expect(page.locator("#card-discovery .given")).to_contain_text("5 confirmed by Ann")
        expect(page.locator("#card-discovery")).to_be_focused()
        page.keyboard.press("a")
        draft = page.locator("#card-discovery button.accept").get_attribute("value")
        shown = "Not observed" if draft == "none" else f"{draft} confirmed"
        expect(page.locator("#card-discovery .given")).to_contain_text(shown)
        expect(page.locator("#card-discovery button[aria-current]")).to_have_attribute("value", draft or "")
        shot(page, "scores")


def _tab_to(page: Page, name: str) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"{name} can't be reached by Tab")


def test_on_a_phone_and_for_screen_readers(house: House, written: str) -> None:
    assert AXE.is_file()
    faults: list[str] = []
    wide: list[str] = []
    with house.visitor(viewport={"width": 360, "height": 740}) as page:
        person = f"/people/{house.id_of('carl')}"
        for path in (
            "/calls",
            "/calls/upload",
            "/people",
            person,
            "/account",
            "/nowhere",
            "/sign-in",
            written,
        ):
            page.goto(path)
            faults += violations(page)
            if page.evaluate("document.documentElement.scrollWidth") > 360:
                wide.append(path)
        shot(page, "phone")
        page.emulate_media(color_scheme="dark")
        faults += violations(page)
        shot(page, "phone-dark")
    assert (faults, wide) == ([], [])

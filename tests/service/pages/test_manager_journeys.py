"""A manager's work in real Chromium: uploads that break off, corrected words, a rep's profile."""

import uuid
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from tests.service.calls.working import TEXT
from tests.service.pages.browsing import NEEDED, House, opened, shot, violations

pytestmark = NEEDED
PIECE = 16 * 1024**2  # bytes that the page sends at a time


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("manager")) as made:
        made.staffed()
        yield made


@pytest.fixture(scope="module")
def written(house: House) -> str:
    """A call of Rita's that came as a transcript."""
    return house.written(TEXT, "Dentist")


def test_an_upload_goes_on_after_a_reload(house: House, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(2 * PIECE))
    offsets: list[int] = []
    with house.visitor() as page:
        wire = page.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": PIECE / 2}
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", slow)
        with page.expect_response(lambda answer: answer.request.method == "PATCH"):
            send(page, path)
        page.reload()  # in the middle of the second piece
        wire.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
        page.on("request", lambda request: offsets.extend(offset_of(request)))
        send(page, path)
        page.wait_for_url("**/calls")
        expect(page.get_by_role("row", name="long")).to_contain_text("Needs consent")
    assert offsets
    assert offsets[0] >= PIECE


def offset_of(request: Request) -> list[int]:
    """Where a piece of an upload begins; nothing of other requests."""
    return [int(request.headers["upload-offset"])] if request.method == "PATCH" else []


def send(page: Page, path: Path) -> None:
    page.goto("/calls/upload")
    page.locator("#files").set_input_files(path)
    page.get_by_role("button", name="Upload").click()


def test_corrected_words_are_scored_anew(house: House, written: str) -> None:
    call = written.rsplit("/", 1)[-1]
    with house.visitor() as page:
        page.goto(written)
        page.locator("#turn-1").get_by_role("link", name="Correct").click()
        page.get_by_label("says here").fill("With pen and paper. It takes us two hours a day.")
        page.get_by_role("button", name="Save the words").click()
        expect(page.locator("#turn-1")).to_contain_text("With pen and paper.")
        house.until_done(written)
        # The page asks again by itself once nothing moves.
        expect(page.get_by_text("The words were corrected since")).to_have_count(0)
        expect(page.locator("#turn-1")).to_contain_text("With pen and paper.")
    with house.visitor(java_script_enabled=False) as page:
        page.goto(f"{written}?correct=5")
        page.get_by_label("says here").fill("Friday at eleven works.")
        page.get_by_role("button", name="Save the words").click()
        expect(page.locator("#turn-5")).to_contain_text("Friday at eleven works.")
    house.until_done(written)
    rows = house.service.sql("select number, revision from scoring where call_id = %s order by number", call)
    assert rows == [(1, 1), (2, 2), (3, 3)]


def test_words_said_lead_to_their_place(house: House, written: str) -> None:
    with house.visitor() as page:
        page.goto("/calls")
        page.get_by_label("Words said").fill("voicemail")
        page.get_by_role("link", name="Dentist, turn 4").click()
        page.wait_for_url(f"**{written}#turn-3")
        expect(page.locator("#turn-3")).to_be_in_viewport()


def test_a_profile_is_drawn_from_the_last_calls(house: House, written: str) -> None:
    several(house, written.rsplit("/", 1)[-1])
    with house.visitor() as page:
        page.goto("/teams")
        expect(page.get_by_role("row", name="Rita")).to_contain_text("is falling")
        page.get_by_role("link", name="Rita").click()
        row = page.get_by_role("row", name="Discovery quality").first
        expect(row).to_contain_text("10 calls")
        expect(row).to_contain_text("10 of them drafts")
        assert page.get_by_role("img", name="Discovery quality, oldest call first").count() == 1
        shot(page, "rep")
        page.locator(".moments a").first.click()
        expect(page.get_by_role("heading", name="Transcript")).to_be_visible()


def several(house: House, call: str) -> None:
    """More analysed calls of the same rep, a day apart, whose drafts fall."""
    columns = (
        "team_id, rep_id, uploaded_by, transcript, transcript_name, source, practice, consent, framework"
    )
    for number, value in enumerate((5, 4, 4, 5, 4, 3, 2, 2, 2)):
        made, scoring = uuid.uuid4(), uuid.uuid4()
        house.service.sql(
            f"insert into call (id, title, happened_on, state, version, {columns})"
            f" select %s, %s, current_date - 20 + %s::integer, 'done', 1, {columns} from call where id = %s",
            *(made, f"Follow-up {number + 1}", number, call),
        )
        house.service.sql(
            "insert into scoring (id, call_id, number, revision, framework, framework_version, model_version,"
            " document) select %s, %s, 1, 1, framework, framework_version, model_version, document"
            " from scoring where call_id = %s and number = 1",
            *(scoring, made, call),
        )
        house.service.sql(
            "insert into draft (scoring_id, dimension, call_id, value, low, high)"
            " select %s, dimension, %s, %s, %s, %s from draft join scoring on scoring.id = scoring_id"
            " where scoring.call_id = %s and number = 1",
            *(scoring, made, value, value, value, call),
        )


def test_every_page_fits_a_phone_and_a_screen_reader(house: House, written: str) -> None:
    faults: list[str] = []
    wide: list[str] = []
    team = house.service.sql("select id from team")[0][0]
    hook = webhook(house, team)
    with house.visitor(viewport={"width": 360, "height": 740}) as page:
        for path in (
            f"/teams/{team}",
            f"/reps/{house.id_of('rita')}",
            "/people",
            f"/people/{house.id_of('carl')}",
            "/account/tokens",
            "/webhooks",
            f"/webhooks/{hook}",
            f"/calls/{hook}",  # there is none: the page of an error
            "/calls",
            "/calls?words=friday",
            "/calls?score=4-5",
            f"{written}?correct=1",
        ):
            page.goto(path)
            faults += violations(page)
            if page.evaluate("document.documentElement.scrollWidth") > 360 or page.evaluate(SIDEWAYS):
                wide.append(path)
            page.emulate_media(color_scheme="dark")
            faults += violations(page)
            page.emulate_media(color_scheme="light")
        page.goto(f"/reps/{house.id_of('rita')}")
        expect(page.get_by_role("table", name="Profile by dimension").get_by_role("row")).to_have_count(6)
        expect(page.get_by_role("columnheader", name="Trend")).to_have_count(1)
        page.goto("/people")
        expect(page.get_by_role("row", name="Rita").get_by_role("cell")).to_have_count(3)
    assert (faults, wide) == ([], [])


SIDEWAYS = """[...document.querySelectorAll("main *")].some(one => one.scrollWidth > one.clientWidth + 1
    && ["auto", "scroll"].includes(getComputedStyle(one).overflowX))"""
"""Whether anything in the page has to be pushed sideways to be read."""


def webhook(house: House, team: uuid.UUID) -> uuid.UUID:
    """A webhook of a team that was sent something."""
    hook, sql = uuid.uuid4(), house.service.sql
    sql(
        "insert into webhook (id, team_id, url, secret, events, made_by)"
        " values (%s, %s, 'https://crm.example.org/hooks/of-a-rather-long-name', 's', '{call.failed}', %s)",
        *(hook, team, house.id_of("ann")),
    )
    query = (
        "insert into delivery (id, webhook_id, event, body, attempts) values (%s, %s, 'call.failed', '{}', 0)"
    )
    sql(query, uuid.uuid4(), hook)
    return hook


def test_a_token_is_copied_by_a_button(house: House) -> None:
    with house.visitor() as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto("/account/tokens")
        page.get_by_label("What is it for?").fill("CRM")
        page.get_by_role("button", name="Make the token").click()
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        secret = page.get_by_label("Copy it now").input_value()
        assert secret.startswith("ride_")
        assert page.evaluate("navigator.clipboard.readText()") == secret
        assert violations(page) == []


def test_the_browsers_zone_is_the_first_default(house: House) -> None:
    with house.visitor() as page:
        link = house.added(page, "Zoe", "rep")
    with house.visitor(None, timezone_id="Asia/Tokyo") as page:
        page.goto(link)
        page.get_by_label("Password").fill("purple otter drives a slow tram")
        page.get_by_role("button", name="Set the password").click()
        page.get_by_role("heading", name="Calls").wait_for()
        page.goto("/account")
        assert page.get_by_label("Time zone").input_value() == "Asia/Tokyo"

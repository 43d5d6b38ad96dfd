"""A rep practises, records with a microphone, scores themselves, submits, and contests, in real Chromium."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.service.calls.working import TEXT
from tests.service.pages.browsing import (
    ARGUMENTS,
    AXE,
    CHROMIUM,
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
SPEECH = 12.0  # seconds that the microphone hears, again and again
FILE: Any = {"name": "clinic.txt", "mimeType": "text/plain", "buffer": TEXT.encode()}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose visitors have a microphone that hears a call."""
    folder = tmp_path_factory.mktemp("practice")
    spoken = beginning(SPOKEN, folder / "spoken.wav", SPEECH)
    microphone = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={spoken}",
    ]
    with opened(folder, *microphone) as made:
        made.staffed()
        made.service.sql(
            "update person set password_hash = (select password_hash from person where name = 'Carl')"
            " where name = 'Rita'"
        )
        yield made


@pytest.fixture(scope="module")
def scenario(house: House) -> str:
    """The path of a scenario that Carl has made, with a made-up call as its example."""
    house.written(TEXT, "Asked well")
    with house.visitor("carl", java_script_enabled=False) as page:
        page.goto("/practice")
        page.get_by_role("link", name="Make a scenario").click()
        page.get_by_label("Title").fill("The clinic that books by hand")
        page.get_by_label("Skill").fill("Discovery")
        page.get_by_label("What the rep is to do").fill("Find out what booking by hand costs them.")
        for name in ("Value connection", "Objection response", "Executive presence"):
            page.get_by_label(name).select_option("")
        page.get_by_label("Discovery quality").select_option("4")
        page.get_by_label("Next step clarity").select_option("3")
        page.get_by_label("A good example").select_option(index=1)
        page.get_by_role("button", name="Make it").click()
        page.get_by_role("heading", name="The clinic that books by hand").wait_for()
        return page.url.removeprefix(house.address).split("?")[0]


def call_of(house: House, attempt: str) -> str:
    """The id of an attempt's call, by the address of its page."""
    number = attempt.rsplit("/", maxsplit=1)[-1].partition("?")[0].partition("#")[0]
    return str(house.service.sql("select call_id from attempt where id = %s", number)[0][0])


def ask(page: Page, method: str, path: str, body: Any = None, tag: str = "*") -> Any:
    """What the API answers somebody who is signed in on a page."""
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    headers = {"X-CSRF-Token": token, "If-Match": tag}
    answer = page.request.fetch(f"/api/v1{path}", method=method, data=body, headers=headers)
    assert answer.ok, answer.text()
    return answer.json()


def score(page: Page, call: str, **values: int) -> Any:
    """A person's scores of a call; the document they are of."""
    found = ask(page, "GET", f"/calls/{call}/analysis")
    scores = [{"dimension": name, "value": value} for name, value in values.items()]
    ask(page, "POST", f"/calls/{call}/reviews", {"scoring": found["scoring"]["id"], "scores": scores})
    return found["document"]


def upload(page: Page, scenario: str) -> None:
    """Practice comes in as a file."""
    page.goto(scenario)
    page.locator("#file").set_input_files(FILE)
    page.get_by_role("button", name="Upload it").click()
    page.wait_for_url("**/practice/attempts/*")


def test_practice_to_a_granted_pass(house: House, scenario: str) -> None:
    with house.visitor("rita") as rita, house.visitor("carl") as carl:
        rita.goto("/practice")
        shot(rita, "practice")
        rita.get_by_role("link", name="The clinic that books by hand").click()
        rita.get_by_text("Read it").click()
        expect(rita.locator(".turns")).to_contain_text("How do you book patients")
        upload(rita, scenario)
        attempt = rita.url
        call = call_of(house, attempt)
        assert carl.request.get(f"/calls/{call}").status == 404
        house.until_done(f"/calls/{call}")
        # The page asks again by itself once nothing moves.
        expect(rita.get_by_role("button", name="Give my scores")).to_be_visible()
        for group in rita.locator("fieldset.card").all():
            group.get_by_label("3", exact=True).check()
        rita.get_by_role("button", name="Give my scores").click()
        expect(rita.locator("#feedback")).to_contain_text("you")
        rita.get_by_role("button", name="Submit it to your coach").click()
        expect(rita.locator("#state")).to_have_text("Waiting for your coach")

        document = score(carl, call, discovery=4, next_step=4)
        question = next(n for n, one in enumerate(document["evidence"]) if one["label"] == "question")
        decision = {"passed": True, "reason": "You asked what it costs.", "evidence": question}
        ask(carl, "POST", f"/attempts/{attempt.split('/')[-1]}/decisions", decision, '"0"')
        rita.goto(attempt)
        expect(rita.locator("#state")).to_have_text("Passed")
        decided = rita.get_by_role("region", name="Passed")
        expect(decided).to_contain_text("You asked what it costs.")
        expect(decided).to_contain_text(document["evidence"][question]["quote"])
        expect(rita.locator("#feedback")).to_contain_text("1 above the 3 that is asked for")
        shot(rita, "attempt")
        rita.goto("/practice")
        expect(rita.locator(".tasks")).to_contain_text("passed")


def test_recorded_with_the_microphone_and_scored_by_oneself_first(house: House, scenario: str) -> None:
    bodies: list[str] = []
    with house.visitor("rita") as page:
        page.on("response", lambda answer: bodies.append(_text(answer)))
        page.goto(scenario)
        page.get_by_role("button", name="Record", exact=True).click()
        expect(page.get_by_role("button", name="Stop")).to_be_focused()
        page.wait_for_function("() => document.getElementById('level').value > 0.02")
        page.wait_for_timeout(5000)
        page.get_by_role("button", name="Stop").click()
        heard = page.locator("#recorder audio")
        expect(heard).to_be_visible()
        shot(page, "record")
        page.get_by_role("button", name="Use this recording").click()
        page.wait_for_url("**/practice/attempts/*")
        attempt = page.url
        call = call_of(house, attempt)
        house.until_done(f"/calls/{call}")
        expect(page.locator("[data-moving]")).to_have_count(0)
        page.goto(f"/calls/{call}")
        page.goto(f"/mine/calls/{call}")
        page.goto(attempt)
        page.wait_for_load_state("networkidle")
        [(document,)] = house.service.sql("select document from scoring where call_id = %s", call)
        assert document["transcript"]["turns"], "nothing of what was said has been recognised"
        drafts = document["scorecard"]["scores"]
        telling = [words for one in drafts for words in (one["advice"], one["reason"]) if words]
        assert telling
        traffic = "\n".join(bodies)
        for words in [*telling, '"scorecard":{', "The draft is", "The draft has"]:
            assert words not in traffic, words
        page.get_by_role("button", name="I’d rather not").click()
        expect(page.locator("#feedback")).to_contain_text("The draft")
        assert any(words in page.inner_text("#feedback") for words in telling)
        page.get_by_role("button", name="Submit it to your coach").click()

        page.goto(f"/mine/calls/{call}")
        page.get_by_role("button", name="Agree to that").click()
        page.get_by_role("button", name="Take that back").wait_for()
        page.goto(_with_example(house, call))
        page.get_by_text("Read it").click()
        turn = page.locator("[data-play]").first
        at = float(turn.get_attribute("data-play") or 0)
        turn.click()
        page.wait_for_function("at => document.getElementById('audio').currentTime > at + 0.2", arg=at)


def _with_example(house: House, call: str) -> str:
    """The path of a scenario for which Carl takes a call as its example."""
    [(team,)] = house.service.sql("select team_id from call where id = %s", call)
    body = {"title": "Hear it", "skill": "Discovery", "instructions": "Listen.", "example_call_id": call}
    with house.visitor("carl") as page:
        return f"/practice/scenarios/{ask(page, 'POST', f'/teams/{team}/scenarios', body)['id']}"


def _text(answer: Any) -> str:
    kind = answer.headers.get("content-type", "")
    if answer.status != 200 or not kind.startswith(("text/html", "application/json", "text/event-stream")):
        return ""
    return "" if "events" in answer.url else json.dumps(answer.headers) + str(answer.text())


def test_without_a_microphone_it_says_what_else_can_be_done(house: House, scenario: str) -> None:
    with house.browser.browser_type.launch(executable_path=CHROMIUM, args=ARGUMENTS) as deaf:
        silent = House(house.service, deaf)
        with silent.visitor("rita") as page:
            page.goto(scenario)
            page.get_by_role("button", name="Record", exact=True).click()
            expect(page.locator("[data-say]")).to_contain_text("upload a recording below")
            expect(page.get_by_role("button", name="Upload it")).to_be_visible()
        assert silent.faults == []


def test_a_contest_from_mine_is_decided_by_another(house: House) -> None:
    call = house.written(TEXT.replace("Tom", "Ben"), "Contested").rsplit("/", 1)[-1]
    with house.visitor("rita") as rita, house.visitor() as ann, house.visitor("carl") as carl:
        score(ann, call, discovery=2)
        rita.goto("/mine")
        row = rita.get_by_role("row", name="Contested")
        expect(row).to_contain_text("Discovery quality 2")
        row.get_by_role("link").click()
        rita.get_by_text("Contest this score").click()
        rita.get_by_label("Why, best with the moment").fill("I asked twice, <b>at 0:10</b>.")
        rita.get_by_role("button", name="Contest it").click()
        card = rita.locator("#score-discovery")
        expect(card).to_contain_text("I asked twice, <b>at 0:10</b>.")
        expect(card).to_contain_text("Somebody other than who gave it decides.")
        [one] = ask(ann, "GET", f"/calls/{call}/contests")
        ask(carl, "POST", f"/contests/{one['id']}/decision", {"value": 4, "decision": "True, you did."})
        rita.reload()
        expect(card).to_contain_text("True, you did.")
        expect(card.locator(".given")).to_contain_text("4 by Carl")
        expect(rita.locator(".log")).to_contain_text("Ann looked at the transcript and drafts")
        rita.evaluate("scrollTo(0, 0)")
        shot(rita, "mine")


def test_by_keyboard_alone(house: House, scenario: str) -> None:
    with house.visitor("rita", java_script_enabled=False) as page:
        upload(page, scenario)
        attempt = page.url
    house.until_done(f"/calls/{call_of(house, attempt)}")
    with house.visitor(None) as page:
        page.goto(f"/sign-in?next={attempt.removeprefix(house.address)}")
        _tab_to(page, "email")
        page.keyboard.type("rita@example.com")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="How did it go?").wait_for()
        for name in ("value-discovery", "value-next_step"):
            _tab_to(page, name)
            page.keyboard.press("Space")
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(page.locator("#feedback .rung", has_text="you").first).to_contain_text("2")
        _tab_to(page, "", "Submit it to your coach")
        page.keyboard.press("Enter")
        expect(page.locator("#state")).to_have_text("Waiting for your coach")


def _tab_to(page: Page, name: str, text: str = "") -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate("[document.activeElement.name ?? '', document.activeElement.textContent.trim()]")
        if at[0] == name and (not text or at[1] == text):
            return
    raise AssertionError(f"{name or text} can't be reached by Tab")


def test_without_javascript(house: House, scenario: str) -> None:
    with house.visitor("rita", java_script_enabled=False) as page:
        upload(page, scenario)
        house.until_done(f"/calls/{call_of(house, page.url)}")
        page.goto(page.url)
        page.get_by_role("button", name="I’d rather not").click()
        page.get_by_role("button", name="Submit it to your coach").click()
        expect(page.locator("#state")).to_have_text("Waiting for your coach")
        page.goto(scenario)
        boxes = page.get_by_role("checkbox")
        boxes.nth(0).check()
        boxes.nth(1).check()
        page.get_by_role("button", name="Compare the chosen ones").click()
        expect(page.get_by_role("heading", name="Attempts side by side")).to_be_visible()
        page.goto("/notice")
        page.get_by_role("button", name="I have read this").click()
        expect(page.get_by_text("You acknowledged this text on")).to_be_visible()
        page.goto("/mine/log")
        expect(page.locator(".log")).to_contain_text("You acknowledged the notice")


def test_on_a_phone_and_for_screen_readers(house: House, scenario: str) -> None:
    assert AXE.is_file()
    faults: list[str] = []
    wide: list[str] = []
    query = "select id, call_id from attempt order by created_at desc limit 2"
    (last, call), (before, _) = house.service.sql(query)
    compare = f"/practice/compare?attempt={last}&attempt={before}"
    own = (f"/practice/attempts/{last}", compare, "/mine", f"/mine/calls/{call}", "/mine/log", "/notice")
    phone = {"width": 360, "height": 740}

    def look(page: Page, *paths: str) -> None:
        for path in paths:
            page.goto(path)
            faults.extend(violations(page))
            if page.evaluate("document.documentElement.scrollWidth") > phone["width"]:
                wide.append(path)

    with house.visitor("rita", viewport=phone) as page:
        look(page, "/practice", scenario, *own)
        page.emulate_media(color_scheme="dark")
        look(page, own[0], scenario)
        shot(page, "practice-phone-dark")
    with house.visitor("carl", viewport=phone) as page:
        look(page, f"{scenario}/edit", scenario)
    assert (faults, wide) == ([], [])

"""A house that is served for real, and people who come to it in Chromium."""

import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from service.auth import passwords
from service.pages.html import has
from tests.service.processes import Service, eventually

ROOT = Path(__file__).parents[3]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "docs" / "pages"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDED = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium; apt-get install chromium, see docs/pages.md"),
    pytest.mark.skipif(not has("tus.min.js"), reason="no front-end libraries; install npm, make setup"),
]
"""Marks of tests that a browser makes."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE = 90_000  # milliseconds; far more than a busy machine needs
expect.set_options(timeout=PATIENCE / 3)
PASSWORD = "purple otter drives a slow tram"  # noqa: S105 - of people who live in a test
LINK = re.compile(r"administrator's account at (\S+)")


@dataclass
class House:
    """A service with an administrator who manages a team, Ann, a coach, Carl, and a rep, Rita."""

    service: Service
    browser: Browser
    faults: list[str] = field(default_factory=list)
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.service.address

    @contextmanager
    def visitor(self, name: str | None = "ann", **options: Any) -> Iterator[Page]:
        """A browser of its own, signed in as one of them; what its console complains of is a fault.

        The first browser of each signs in by the form, the others have its cookie: a password takes time.
        """
        known = self._kept.get(f"{self.address} {name}")
        context = self.browser.new_context(base_url=self.address, storage_state=known, **options)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        try:
            if name and known:
                page.goto("/")
            elif name:
                sign_in(page, name)
                self._kept[f"{self.address} {name}"] = context.storage_state()
            yield page
        finally:
            context.close()

    def _note(self, message: Any) -> None:
        told = ("Failed to load resource", "Response Status Error")  # of refusals that a test is about
        if message.type == "error" and not message.text.startswith(told):
            self.faults.append(f"{message.location['url']}: {message.text}")

    def staffed(self) -> None:
        """Ann, Carl and Rita with their parts in a team, as rows: quicker than by `first_administrator`."""
        hashed, team = passwords.hashed(PASSWORD), uuid.uuid4()
        people = {name: uuid.uuid4() for name in ("Ann", "Carl", "Rita")}
        sql = self.service.sql
        sql("insert into team (id, name) values (%s, 'Sales North')", team)
        for name, person in people.items():
            sql(
                "insert into person (id, email, name, administrator, time_zone, password_hash)"
                " values (%s, %s, %s, %s, 'UTC', %s)",
                *(person, f"{name.lower()}@example.com", name, name == "Ann", hashed),
            )
        for name, role in (("Ann", "manager"), ("Carl", "coach"), ("Rita", "rep")):
            query = "insert into membership (person_id, team_id, role) values (%s, %s, %s)"
            sql(query, people[name], team, role)
        query = "insert into assignment (coach_id, rep_id) values (%s, %s)"
        sql(query, people["Carl"], people["Rita"])

    def first_administrator(self) -> None:
        """Ann comes by the link that `serve` prints, and makes a team with Carl and Rita in it."""
        link = eventually(lambda: LINK.search(self.service.said()), "the link")[1]
        with self.visitor(None) as page:
            page.goto(link)
            page.get_by_label("Name").fill("Ann")
            page.get_by_label("E-mail").fill("ann@example.com")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Set the password").click()
            page.get_by_label("New team").fill("Sales North")
            page.get_by_role("button", name="Add the team").click()
            self.added(page, "Rita", "rep")
            link = self.added(page, "Carl", "coach")
            page.goto("/people?q=Ann")
            page.get_by_role("rowheader").get_by_role("link", name="Ann").click()
            self._join(page, "manager")
            page.goto("/people?q=Carl")
            page.get_by_role("link", name="Carl").click()
            page.get_by_label("Rep", exact=True).select_option(label="Rita")
            page.get_by_role("button", name="Assign").click()
        with self.visitor(None) as page:
            page.goto(link)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Set the password").click()
            page.get_by_role("heading", name="Calls").wait_for()

    def added(self, page: Page, name: str, part: str) -> str:
        """Adds somebody with a part in the team; the link of their invitation."""
        page.goto("/people")
        form = page.locator('form[action="/people"][method=post]')
        form.get_by_label("Name").fill(name)
        form.get_by_label("E-mail").fill(f"{name.lower()}@example.com")
        form.get_by_role("button", name="Add").click()
        self._join(page, part)
        page.get_by_role("button", name="Make an invitation link").click()
        return page.get_by_label("Invitation link").input_value()

    @staticmethod
    def _join(page: Page, part: str) -> None:
        form = page.locator("form[action$='/join']")
        form.get_by_label(part).check()
        form.get_by_role("button", name="Add").click()

    def written(self, text: str, title: str) -> str:
        """The path of an analysed call of Rita's that came as a transcript."""
        with self.visitor(java_script_enabled=False) as page:
            page.goto("/calls/upload")
            page.locator("#files").set_input_files(
                {"name": f"{title}.txt", "mimeType": "text/plain", "buffer": text.encode()}
            )
            page.get_by_label("On what ground").select_option("synthetic")
            page.get_by_label("Rep").select_option(label="Rita")
            page.get_by_role("button", name="Upload").click()
            path = page.get_by_role("link", name=title, exact=True).get_attribute("href")
        assert path
        self.until_done(path)
        return path

    def until_done(self, path: str) -> None:
        """Wait for a call's analysis."""
        query = "select 1 from call where id = %s and state = 'done'"
        eventually(lambda: self.service.sql(query, path.rsplit("/", 1)[-1]) or None, f"{path} to be done")

    def id_of(self, name: str) -> uuid.UUID:
        """A person's id."""
        found: uuid.UUID = self.service.sql("select id from person where lower(name) = %s", name)[0][0]
        return found


@contextmanager
def opened(folder: Path, *arguments: str, **service: Any) -> Iterator[House]:
    """A house with nobody in it yet, in a browser with further arguments."""
    with (
        Service(folder / "data", **service) as running,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments]) as browser,
    ):
        yield House(running, browser)


def sign_in(page: Page, name: str) -> None:
    """Sign in by e-mail and password."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(f"{name}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page, a line each."""
    page.evaluate(AXE.read_text())
    # Preloading would copy the styles of the player's shadow root to where the page's policy forbids them.
    found = page.evaluate("axe.run({resultTypes: ['violations'], preload: false})")
    return [
        f"{page.url}: {one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]
    ]


def shot(page: Page, name: str) -> None:
    """A picture of what is on the screen, for the docs; `make pictures` takes them anew."""
    if os.environ.get("RIDEALONG_TEST") != "pictures":
        return
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", caret="initial")


def beginning(source: Path, target: Path, seconds: float) -> Path:
    """The beginning of a recording, as a WAV file."""
    with av.open(str(source)) as whole, av.open(str(target), "w") as part:
        stream = whole.streams.audio[0]
        made = part.add_stream("pcm_s16le", rate=stream.rate, layout=stream.layout)
        for frame in whole.decode(stream):
            if frame.time is not None and frame.time >= seconds:
                break
            part.mux(made.encode(frame))
        part.mux(made.encode(None))
    return target

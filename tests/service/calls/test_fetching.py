"""Import from a URL: from a real server, and never from where only this machine can go."""

import asyncio
import ipaddress
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.addresses import is_public
from service.calls.fetches import perform
from service.calls.fetching import fetch
from service.edge import Parts
from service.problems import Problem, TooLarge, Unusable
from tests.service.calls.house import furnished
from tests.service.calls.recordings import wav
from tests.service.people import People

CONTENT = wav(1)


class Recorder(BaseHTTPRequestHandler):
    """Serves one recording, and leads elsewhere."""

    def do_GET(self) -> None:
        leads = {"/round": "/round", "/on": "/north%20wind.wav", "/inside": "http://169.254.169.254/latest"}
        if self.path in leads:
            self.send_response(302)
            self.send_header("Location", leads[self.path])
            self.end_headers()
        elif self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):  # the other end goes away
                while True:
                    self.wfile.write(bytes(65536))
        elif self.path.endswith(".wav"):
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def local(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """As `is_public`, and this machine, where the test's server is."""
    return is_public(address) or address.is_loopback


def get(url: str, path: Path, most: int = 10**7) -> str:
    return asyncio.run(fetch(url, path, most=most, allowed=local))


def test_a_recording_is_fetched_through_redirects(port: int, tmp_path: Path) -> None:
    assert get(f"http://localhost:{port}/on", tmp_path / "x") == "north wind.wav"
    assert (tmp_path / "x").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "says"), [("/round", "leads on"), ("/nothing", "404"), ("/inside", "isn't public")]
)
def test_what_cant_be_fetched_says_why(port: int, tmp_path: Path, path: str, says: str) -> None:
    with pytest.raises(Unusable, match=says):
        get(f"http://localhost:{port}{path}", tmp_path / "x")


@pytest.mark.parametrize("path", ["/a.wav", "/endless"])
def test_no_more_than_the_limit_is_written(port: int, tmp_path: Path, path: str) -> None:
    with pytest.raises(TooLarge):
        get(f"http://localhost:{port}{path}", tmp_path / "x", most=len(CONTENT) - 1)
    assert not (tmp_path / "x").exists() or (tmp_path / "x").stat().st_size < len(CONTENT)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.wav",
        "http://localhost/a.wav",
        "http://[::1]/a.wav",
        "http://0.0.0.0/a.wav",
        "http://2130706433/a.wav",
        "http://127.1/a.wav",
        "http://[::ffff:127.0.0.1]/a.wav",
        "http://[64:ff9b::7f00:1]/a.wav",
        "http://[2002:7f00:1::]/a.wav",
        "http://10.0.0.1/",
        "http://172.16.3.4/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://224.0.0.1/",
        "http://[fe80::1%25lo]/",
        "http://[fd00::1]/",
        "file:///etc/passwd",
        "ftp://example.org/a.wav",
        "http://user:secret@example.org/a.wav",
        "http:///a.wav",
        "//example.org",
        "http://exa\0mple.org/",
        "http://example.org:99999/",
    ],
)
def test_what_is_no_public_address_is_never_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(Unusable):
        asyncio.run(fetch(url, tmp_path / "x", most=10))
    assert not (tmp_path / "x").exists()


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_no_more_public(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert is_public(mapped) == is_public(address)


@settings(deadline=None)  # a name may have to be looked up
@given(st.text(max_size=60))
def test_any_text_for_a_url_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(Problem) as refused:
        asyncio.run(fetch(f"x{text}", Path("/nowhere"), most=1))
    assert "\n" not in refused.value.detail


def turned_on(app: Any, **more: Any) -> Parts:
    """The running service with import from URLs turned on."""
    there: Parts = app.state.parts
    app.state.where = there.settings.model_copy(update={"url_import": True}), app.state.where[1]
    app.state.parts = replace(there, settings=app.state.where[0], **more)
    found: Parts = app.state.parts
    return found


def ended(rep: Any, parts: Parts, url: str) -> dict[str, Any]:
    """What became of an import, after a worker did it."""
    begun = rep.post("/api/v1/calls/from-url", json={"url": url, "consent": "contract"})
    assert (begun.status_code, begun.json()["state"]) == (202, "waiting"), begun.text
    rep.portal.call(perform, parts, uuid.UUID(begun.json()["id"]))
    found: dict[str, Any] = rep.get(begun.headers["location"]).json()
    return found


def test_a_worker_fetches_it_and_tells_how_it_went(people: People, port: int) -> None:
    house = furnished(people)
    rep = house.as_("rep")
    parts = turned_on(rep.app, reachable=local)
    done = ended(rep, parts, f"http://localhost:{port}/on")
    assert (done["state"], done["duplicate"]) == ("done", False), done
    assert rep.get(f"/api/v1/calls/{done['call']}").json()["file"]["name"] == "north wind.wav"
    again = ended(rep, parts, f"http://localhost:{port}/other.wav")
    assert (again["call"], again["duplicate"]) == (done["call"], True)
    failed = ended(rep, parts, f"http://localhost:{port}/nothing")
    assert (failed["state"], "404" in failed["reason"]) == ("failed", True)
    assert house.as_("other").get(f"/api/v1/calls/from-url/{done['id']}").status_code == 404
    assert people.sql("select count(*) from url_import where url is not null") == [(0,)]


def test_it_refuses_private_addresses_once_it_is_on(people: People) -> None:
    rep = furnished(people).as_("rep")
    turned_on(rep.app)
    for url in ("http://127.0.0.1/a.wav", "J", ""):
        answer = rep.post("/api/v1/calls/from-url", json={"url": url, "account": None, "consent": "contract"})
        assert (answer.status_code, answer.json()["detail"][:5]) == (422, "url: "), answer.text
    assert people.sql("select count(*) from url_import")[0][0] == 0


def test_it_is_off_by_default(people: People) -> None:
    answer = (
        furnished(people)
        .as_("rep")
        .post("/api/v1/calls/from-url", json={"url": "https://example.org/a.wav", "consent": "contract"})
    )
    assert (answer.status_code, "RIDEALONG_URL_IMPORT" in answer.json()["detail"]) == (403, True)

"""Resumable uploads over real connections to a real web process, cut, killed, repeated, all at once."""

import asyncio
import base64
import hashlib
import os
import signal
import socket
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient

from service.auth.store import key_of
from service.settings import Settings
from tests.service.calls.house import House, furnished, stored_files
from tests.service.calls.recordings import WHAT, wav
from tests.service.calls.serving import served
from tests.service.people import People

PIECE = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}
Api = httpx.Client | TestClient


@pytest.fixture
def house(people: People) -> House:
    return furnished(people)


@pytest.fixture
def token(house: House) -> str:
    """An API token of the rep's that may do all a rep may."""
    secret = uuid.uuid4().hex
    scopes = ["calls:read", "calls:upload", "calls:edit", "calls:delete"]
    house.people.sql(
        "insert into token (id, person_id, key, name, scopes) values (%s, %s, %s, 'test', %s)",
        uuid.uuid4(),
        house.rep,
        key_of(secret),
        scopes,
    )
    return secret


@pytest.fixture
def api(house: House) -> Api:
    """The application in this process, as the rep uses it."""
    client = house.as_("rep")
    client.base_url = client.base_url.join("/api/v1/")
    client.headers.update(TUS)
    return client


def client(address: str, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}", **TUS}
    return httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=120)


def said(name: str = "northwind.wav", **more: str) -> str:
    values = {"filename": name, **WHAT, **more}
    return ",".join(f"{k} {base64.b64encode(str(v).encode()).decode()}" for k, v in values.items())


def begin(web: Api, length: int, **more: str) -> str:
    answer = web.post("/uploads", headers={"Upload-Length": str(length), "Upload-Metadata": said(**more)})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].removeprefix("/api/v1")


def piece(web: Api, place: str, content: bytes, start: int) -> Any:
    headers = {"Upload-Offset": str(start), "Content-Type": PIECE}
    return web.patch(place, content=content, headers=headers)


def offset(web: Api, place: str) -> int:
    return int(web.head(place).headers["upload-offset"])


def cut(address: str, token: str, place: str, content: bytes, sent: int) -> None:
    """Begin to send a whole file, and break the connection after so many bytes of it."""
    where = urlsplit(address)
    head = (
        f"PATCH /api/v1{place} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: {PIECE}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection((where.hostname or "", where.port or 80)) as connection:
        connection.sendall(head.encode() + content[:sent])


def arrived(web: Api, place: str, least: int) -> int:
    """The offset, once so many bytes have been written down."""
    for _ in range(200):
        if (found := offset(web, place)) >= least:
            return found
        asyncio.run(asyncio.sleep(0.05))
    raise TimeoutError(place)


@pytest.fixture
def web(settings: Settings, database_url: str, token: str) -> Iterator[tuple[str, httpx.Client]]:
    with served(settings.data, database_url) as (address, _), client(address, token) as found:
        yield address, found


def test_a_cut_upload_goes_on_where_it_was(
    web: tuple[str, httpx.Client], token: str, house: House, settings: Settings
) -> None:
    address, api = web
    content = wav(200)
    place = begin(api, len(content))
    cut(address, token, place, content, len(content) * 6 // 10)
    there = arrived(api, place, len(content) * 6 // 10)
    assert there == len(content) * 6 // 10
    wrong = piece(api, place, content[there + 1 :], there + 1)
    assert (wrong.status_code, wrong.headers["upload-offset"]) == (409, str(there))
    last = piece(api, place, content[there:], there)
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(content)))
    call = last.headers["ridealong-call"]
    assert api.get(f"/calls/{call}").json()["file"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert api.get(f"/calls/{call}/audio").content == content
    assert api.get(place).json()["call"] == call
    assert piece(api, place, b"", len(content)).headers["ridealong-call"] == call
    assert house.people.sql("select count(*) from call")[0][0] == 1
    assert list((settings.data / "uploads").iterdir()) == []


def test_an_upload_survives_a_kill_and_becomes_one_call(
    settings: Settings, database_url: str, token: str, house: House
) -> None:
    content = wav(100)
    with served(settings.data, database_url, stop_when_stored=True) as (address, process):
        with client(address, token) as api:
            place = begin(api, len(content))
            cut(address, token, place, content, len(content) // 2)
            arrived(api, place, len(content) // 2)
        os.kill(process, signal.SIGKILL)
    dying = served(settings.data, database_url, stop_when_stored=True)
    with dying as (address, _), client(address, token) as api:
        there = offset(api, place)
        assert there == len(content) // 2
        with pytest.raises(httpx.TransportError):  # killed between file and row
            piece(api, place, content[there:], there)
    assert len(stored_files(settings)) == 1
    assert house.people.sql("select count(*) from call")[0][0] == 0
    with served(settings.data, database_url) as (address, _), client(address, token) as api:
        assert offset(api, place) == len(content)
        done = piece(api, place, b"", len(content))
        again = piece(api, place, b"", len(content))
        assert (done.status_code, again.status_code) == (204, 204), done.text
        assert done.headers["ridealong-call"] == again.headers["ridealong-call"]
        assert api.get(f"/calls/{done.headers['ridealong-call']}/audio").content == content
    assert house.people.sql("select count(*) from call")[0][0] == 1
    assert house.people.sql("select count(*) from procrastinate_jobs where args ? 'call_id'")[0][0] == 1


def test_fifty_uploads_at_once(web: tuple[str, httpx.Client], token: str, database_url: str) -> None:
    address, _ = web

    async def one(api: httpx.AsyncClient, number: int) -> str:
        content = wav(0.5, seed=number)
        headers = {"Upload-Length": str(len(content)), "Upload-Metadata": said(f"{number}.wav")}
        place = (await api.post("/api/v1/uploads", headers=headers)).headers["location"]
        middle = len(content) // 2
        for start, part in ((0, content[:middle]), (middle, content[middle:])):
            given = {"Upload-Offset": str(start), "Content-Type": PIECE}
            answer = await api.patch(place, content=part, headers=given)
            assert answer.status_code == 204, answer.text
        call = str(answer.headers["ridealong-call"])
        assert (await api.get(f"/api/v1/calls/{call}/audio")).content == content
        return call

    async def all_of_them() -> list[str]:
        limits = httpx.Limits(max_connections=50)
        headers = {"Authorization": f"Bearer {token}", **TUS}
        async with httpx.AsyncClient(base_url=address, headers=headers, limits=limits, timeout=300) as api:
            return await asyncio.gather(*(one(api, number) for number in range(50)))

    calls = asyncio.run(all_of_them())
    assert len(set(calls)) == 50
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("select count(*), count(distinct args) from procrastinate_jobs").fetchone()
    assert rows == (50, 50)


def test_the_same_file_from_many_at_once_is_one_recording(
    web: tuple[str, httpx.Client], token: str, house: House, settings: Settings
) -> None:
    address, _ = web
    content = wav(1)

    async def all_of_them() -> list[httpx.Response]:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=300) as api:
            one = {"file": ("a.wav", content, "audio/wav")}
            return await asyncio.gather(*(api.post("/api/v1/calls", files=one, data=WHAT) for _ in range(8)))

    answers = asyncio.run(all_of_them())
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["call"]["id"] for answer in answers}) == 1
    assert house.people.sql("select count(*) from recording")[0][0] == 1
    assert len(stored_files(settings)) == 1


def test_the_same_transcript_from_many_at_once_is_one_call(
    web: tuple[str, httpx.Client], token: str, house: House
) -> None:
    address, _ = web

    async def all_of_them() -> list[httpx.Response]:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=300) as api:
            one = {"file": ("a.txt", b"Rae: Good morning.\nBo: Hello.\n", "text/plain")}
            return await asyncio.gather(*(api.post("/api/v1/calls", files=one, data=WHAT) for _ in range(8)))

    answers = asyncio.run(all_of_them())
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert house.people.sql("select count(*) from call")[0][0] == 1


def test_what_is_refused_before_and_after_it_is_sent(api: Api, house: House, settings: Settings) -> None:
    tus = {"Upload-Metadata": said(), "Upload-Length": str(3 * 1024**3)}
    large = api.post("/uploads", headers=tus)
    assert (large.status_code, "larger than 2 GB" in large.json()["detail"]) == (413, True)
    small = {"Upload-Length": "10"}
    for answer, status in (
        (api.post("/uploads", headers={**small, "Upload-Metadata": said(rep=str(house.other))}), 403),
        (api.post("/uploads", headers={**small, "Upload-Metadata": said(consent="perhaps")}), 422),
        (api.post("/uploads", headers={**small, "Upload-Metadata": "filename ###"}), 422),
        (api.post("/uploads", headers={"Upload-Length": "0", "Upload-Metadata": said()}), 422),
        (api.post("/uploads", headers={"Upload-Metadata": said()}), 422),
        (api.post("/uploads", headers={**small, "Tus-Resumable": "0.2"}), 412),
        (api.head(f"/uploads/{uuid.uuid4()}"), 404),
        (api.patch(f"/uploads/{uuid.uuid4()}", headers={"Upload-Offset": "0", "Content-Type": PIECE}), 404),
    ):
        assert answer.status_code == status, answer.text
    program = b"MZ" + bytes(998)
    place = begin(api, len(program))
    longer = piece(api, place, program + b"more", 0)
    assert longer.status_code == 413
    refused = piece(api, place, program, 0)
    assert (refused.status_code, "FLAC" in refused.json()["detail"]) == (422, True)
    assert piece(api, place, b"", len(program)).status_code == 422
    assert "FLAC" in api.get(place).json()["refusal"]
    assert house.people.sql("select count(*) from call")[0][0] == 0
    assert stored_files(settings) == []


def test_an_upload_is_its_senders_alone(api: Api, house: House) -> None:
    place = begin(api, 10)
    for who in ("manager", "other"):
        theirs = house.as_(who)
        assert theirs.head(f"/api/v1{place}", headers=TUS).status_code == 404
        given = {**TUS, "Upload-Offset": "0", "Content-Type": PIECE}
        assert theirs.patch(f"/api/v1{place}", content=b"x", headers=given).status_code == 404
    assert offset(api, place) == 0
    assert api.delete(place).status_code == 204
    assert api.head(place).status_code == 404


def test_what_is_spoken_here_is_told(api: Api) -> None:
    told = api.options("/uploads").headers
    assert (told["tus-version"], told["tus-max-size"]) == ("1.0.0", str(2 * 1024**3))
    assert "creation" in told["tus-extension"]

"""The watched folder, with real files that come in pieces."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app
from service.calls.watching import Sight, rested, watch
from service.edge import Parts
from service.settings import Settings, WrongSetting
from tests.service.calls.house import House, furnished
from tests.service.calls.recordings import wav
from tests.service.people import People


@pytest.fixture
def house(people: People) -> House:
    return furnished(people)


def watching(settings: Settings, url: str, work: Callable[[], None], *, rest: float = 0.2) -> None:
    """Do some work on the folder while it is watched."""

    async def both() -> None:
        app = create_app(settings, url)
        async with app.router.lifespan_context(app):
            parts: Parts = app.state.parts
            stopping = asyncio.Event()
            running = asyncio.create_task(watch(parts, stopping, rest=rest))
            try:
                done = asyncio.create_task(asyncio.to_thread(work))
                await asyncio.wait({running, done}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.set()
            await asyncio.gather(running, done)

    asyncio.run(both())


def until(found: Callable[[], bool]) -> None:
    for _ in range(600):
        if found():
            return
        time.sleep(0.1)
    raise TimeoutError


def test_what_is_put_there_becomes_calls_or_says_why_not(
    house: House, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "calls.csv").write_text("file,rep,consent\nnorth wind.wav,ines@example.com,contract\n")
    (folder / "there.wav").write_bytes(wav(seed=1))

    def work() -> None:
        (folder / "north\u202fwind.wav").write_bytes(wav(seed=2))
        (folder / "tool.wav").write_bytes(b"MZ nothing")
        (folder / ".hidden.wav").write_bytes(wav(seed=3))
        (folder / "coming.wav.part").write_bytes(wav(seed=4))
        until(lambda: len(list(folder.glob("taken/*"))) == 2)
        until((folder / "refused" / "tool.wav.txt").exists)

    changed = settings.model_copy(update={"watch": folder, "watch_owner": "mona@example.com"})
    watching(changed, database_url, work)
    rows = house.people.sql("select title, state, source, rep_id from call order by title")
    assert rows == [("north wind", "queued", "watch", house.rep), ("there", "quarantined", "watch", None)]
    assert "FLAC" in (folder / "refused" / "tool.wav.txt").read_text()
    assert (folder / ".hidden.wav").exists()
    assert (folder / "coming.wav.part").exists()


def test_nothing_is_taken_while_the_csv_has_faults(
    house: House, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "calls.csv").write_text("file,consent\na.wav,perhaps\n")
    (folder / "a.wav").write_bytes(wav())

    def work() -> None:
        until((folder / "calls.csv.txt").exists)
        assert "line 2, column consent" in (folder / "calls.csv.txt").read_text()
        assert (folder / "a.wav").exists()
        (folder / "calls.csv").write_text("file,consent,rep\na.wav,contract,ines@example.com\n")
        until((folder / "taken" / "a.wav").exists)

    changed = settings.model_copy(update={"watch": folder, "watch_owner": "mona@example.com"})
    watching(changed, database_url, work)
    assert house.people.sql("select state from call") == [("queued",)]
    assert not (folder / "calls.csv.txt").exists()


def test_many_files_are_taken_once_each_and_what_is_still_written_is_left(
    house: House, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    many = 105  # more than are taken between two looks
    for number in range(many):
        said = f"rep: Good morning, how do you handle invoice {number}?\nbuyer: We pay it.\n"
        (folder / f"call-{number:03}.txt").write_text(said)
    rows = "".join(f"call-{number:03}.txt,contract\n" for number in range(many))
    (folder / "calls.csv").write_text(f"file,consent\n{rows}slow.txt,contract\n")
    first = "rep: Good morning, is this a good time?\n"
    rest = "buyer: It is, go on.\n"

    def work() -> None:
        with (folder / "slow.txt").open("w") as slow:
            slow.write(first)
            slow.flush()
            until(lambda: len(list(folder.glob("taken/*"))) == many)
            sent = house.as_("rep").post(
                "/api/v1/calls",
                files={"file": ("mine.txt", b"rep: This one is mine, and somebody waits for it.\n")},
                data={"consent": "contract"},
            )
            assert sent.status_code == 201, sent.text
            time.sleep(0.5)  # longer than a file has to rest
            assert (folder / "slow.txt").exists()
            slow.write(rest)
        until((folder / "taken" / "slow.txt").exists)

    changed = settings.model_copy(update={"watch": folder, "watch_owner": "mona@example.com"})
    watching(changed, database_url, work)
    assert house.people.sql(
        "select count(*), count(distinct transcript) from call where source = 'transcript'"
    ) == [(many + 2, many + 2)]
    [(slow,)] = house.people.sql("select transcript from call where title = 'slow'")
    assert "go" in slow
    [(title,)] = house.people.sql(
        "select title from call join procrastinate_jobs on args->>'call_id' = call.id::text"
        " order by priority desc, procrastinate_jobs.id limit 1"
    )
    assert title == "mine"


def test_nothing_is_taken_while_the_csv_is_still_coming(
    house: House, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.wav").write_bytes(wav())

    def work() -> None:
        with (folder / "calls.csv").open("w") as table:
            for piece in ("file,", "consent", ",rep\n", "", "", "a.wav,contract,", "ines@exam", "ple.com\n"):
                table.write(piece or "\n")
                table.flush()
                time.sleep(0.1)
        until((folder / "taken" / "a.wav").exists)

    changed = settings.model_copy(update={"watch": folder, "watch_owner": "mona@example.com"})
    watching(changed, database_url, work, rest=0.3)
    assert house.people.sql("select state, rep_id from call") == [("queued", house.rep)]


def test_an_owner_who_isnt_there_stops_the_start(
    house: House, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    changed = settings.model_copy(update={"watch": tmp_path, "watch_owner": "gone@example.com"})
    with pytest.raises(WrongSetting, match=r"RIDEALONG_WATCH_OWNER=gone@example\.com"):
        watching(changed, database_url, lambda: None)


looks = st.lists(st.integers(0, 3), min_size=1, max_size=30)


@given(looks)
def test_a_file_is_taken_only_when_its_size_rests(sizes: list[int]) -> None:
    path, sights = Path("a.wav"), dict[Path, Sight]()
    for now, size in enumerate(sizes):
        ready, sights = rested({path: (size, size)}, sights, float(now), rest=2.0)
        unchanged = now >= 2 and len(set(sizes[now - 2 : now + 1])) == 1
        assert ready == ([path] if unchanged else [])


def test_a_file_that_went_away_is_forgotten() -> None:
    path = Path("a.wav")
    _, sights = rested({path: (1, 1)}, {}, 0.0, rest=1.0)
    _, sights = rested({}, sights, 1.0, rest=1.0)
    assert sights == {}

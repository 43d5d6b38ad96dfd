"""What recordings look like: made where they are decoded, never by the web process."""

import math
import struct
import uuid
import wave
from pathlib import Path

from fastapi.testclient import TestClient

from models.audio import decode
from service.calls.peaks import peaks
from service.calls.perform import Models, Sound, Task, perform
from service.settings import Settings
from tests.service.calls.recordings import WHAT, sending, wav
from tests.service.calls.working import drain
from tests.service.people import People


def tone(path: Path, left: float, right: float) -> Path:
    """Two seconds: the left side sounds in the first, the right in the second, of different pitch."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16000)
        for at in range(32000):
            sides = (
                left * math.sin(at / 5) if at < 16000 else 0,
                right * math.sin(at / 9) if at >= 16000 else 0,
            )
            file.writeframes(struct.pack("<hh", *(round(32000 * side) for side in sides)))
    return path


def test_each_side_is_loud_where_it_speaks(tmp_path: Path) -> None:
    with decode(tone(tmp_path / "two.wav", 1.0, 0.5)) as audio:
        made = peaks(audio)
    assert 1.9 < made["seconds"] <= 2.0
    left, right = made["peaks"]
    middle = len(left) // 2
    assert min(left[: middle - 1]) > 80
    assert max(left[middle + 1 :]) < 10
    assert 40 < min(right[middle + 1 : -1]) <= max(right[middle + 1 :]) < 60


def test_a_long_recording_has_no_more_points(tmp_path: Path) -> None:
    with decode(tone(tmp_path / "two.wav", 1.0, 1.0)) as audio:
        assert [len(side) for side in peaks(audio, points=7)["peaks"]] == [7, 7]


def test_decoding_makes_it(tmp_path: Path, settings: Settings) -> None:
    path = tone(tmp_path / "two.wav", 1.0, 1.0)

    def fetched(target: Path) -> None:
        target.write_bytes(path.read_bytes())

    task = Task("two.wav", None, None, None, None, "default", None)
    with Sound(fetched, tmp_path) as sound:
        made = perform("decode", task, sound, Models(settings), lambda _share: None)
    assert made.waveform is not None
    assert len(made.waveform["peaks"]) == 2


def test_one_that_came_before_is_drawn_by_a_worker_once_and_goes_with_the_recording(
    client: TestClient, people: People, settings: Settings, database_url: str
) -> None:
    team = people.team()
    manager = people.signed_in(people.person("Mara", manager=team))
    other = people.signed_in(people.person("Omar", manager=people.team("Other")))
    call = manager.post("/api/v1/calls", files=sending(wav(1.0)), data=WHAT).json()["call"]["id"]
    assert manager.get(f"/calls/{call}/waveform.json").status_code == 202
    manager.post(f"/api/v1/calls/{call}/cancel")
    for _ in range(2):
        assert manager.get(f"/calls/{call}/waveform.json").status_code == 202
    assert people.sql("select count(*) from procrastinate_jobs where task_name = 'draw'") == [(1,)]
    drain(settings, database_url)
    found = manager.get(f"/calls/{call}/waveform.json")
    assert found.status_code == 200, found.text
    assert len(found.json()["sides"]) == len(found.json()["peaks"]) == 1
    assert other.get(f"/calls/{call}/waveform.json").status_code == 404
    assert manager.delete(f"/api/v1/calls/{call}").status_code == 204
    assert people.sql("select count(*) from waveform") == [(0,)]
    assert manager.get(f"/calls/{uuid.uuid4()}/waveform.json").status_code == 404

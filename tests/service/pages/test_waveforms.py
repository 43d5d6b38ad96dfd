"""Peaks of recordings."""

import math
import struct
import uuid
import wave
from pathlib import Path

from fastapi.testclient import TestClient

from service.pages.waveforms import peaks
from service.settings import Settings
from tests.service.calls.recordings import WHAT, sending, wav
from tests.service.people import People


def tone(path: Path, left: float, right: float) -> Path:
    """Two seconds: the left side sounds in the first, the right in the second."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16000)
        for at in range(32000):
            level = math.sin(at / 5)
            sides = (left * level if at < 16000 else 0, right * level if at >= 16000 else 0)
            file.writeframes(struct.pack("<hh", *(round(32000 * side) for side in sides)))
    return path


def test_each_side_is_loud_where_it_speaks(tmp_path: Path) -> None:
    made = peaks(tone(tmp_path / "two.wav", 1.0, 0.5))
    assert 1.9 < made["seconds"] <= 2.0
    left, right = made["peaks"]
    middle = len(left) // 2
    assert min(left[: middle - 1]) > 80
    assert max(left[middle + 1 :]) < 10
    assert 40 < min(right[middle + 1 : -1]) <= max(right[middle + 1 :]) < 60


def test_a_long_recording_has_no_more_points(tmp_path: Path) -> None:
    assert len(peaks(tone(tmp_path / "two.wav", 1.0, 1.0), points=7)["peaks"][0]) == 7


def test_it_is_made_once_and_goes_with_the_recording(
    client: TestClient, people: People, settings: Settings
) -> None:
    team = people.team()
    manager = people.signed_in(people.person("Mara", manager=team))
    other = people.signed_in(people.person("Omar", manager=people.team("Other")))
    call = manager.post("/api/v1/calls", files=sending(wav(1.0)), data=WHAT).json()["call"]["id"]
    first = manager.get(f"/calls/{call}/waveform.json")
    assert first.status_code == 200, first.text
    assert len(first.json()["sides"]) == len(first.json()["peaks"]) == 1
    assert manager.get(f"/calls/{call}/waveform.json").json() == first.json()
    assert people.sql("select count(*) from waveform") == [(1,)]
    assert other.get(f"/calls/{call}/waveform.json").status_code == 404
    assert manager.delete(f"/api/v1/calls/{call}").status_code == 204
    assert people.sql("select count(*) from waveform") == [(0,)]
    assert manager.get(f"/calls/{uuid.uuid4()}/waveform.json").status_code == 404

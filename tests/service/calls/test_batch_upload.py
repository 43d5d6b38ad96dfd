"""Many recordings at once with a CSV: all become calls, or none."""

from typing import Any

import pytest

from service.settings import Settings
from tests.service.calls.house import House, furnished, stored_files
from tests.service.calls.recordings import TRANSCRIPTS, wav
from tests.service.people import People

CSV = "file,rep,account,consent\na.wav,ines@example.com,Northwind,all_parties\nb.wav,otto@example.com,Acme,\n"


@pytest.fixture
def house(people: People) -> House:
    return furnished(people)


def batch(
    house: House, csv: str, files: dict[str, bytes], *, who: str = "manager", key: str | None = None
) -> Any:
    sent = [("files", (name, content)) for name, content in files.items()]
    headers = {"Idempotency-Key": key} if key else {}
    return house.as_(who).post(
        "/api/v1/calls/batch", files=[*sent, ("csv", ("calls.csv", csv.encode()))], headers=headers
    )


def test_every_file_becomes_what_its_line_says(house: House) -> None:
    answer = batch(house, CSV, {"b.wav": wav(seed=2), "a.wav": wav(seed=1)})
    assert answer.status_code == 201, answer.text
    calls = [item["call"] for item in answer.json()["items"]]
    assert [(c["title"], c["rep"]["name"], c["account"], c["state"], c["source"]) for c in calls] == [
        ("b", "Otto", "Acme", "quarantined", "batch"),
        ("a", "Ines", "Northwind", "queued", "batch"),
    ]


def test_batches_wait_behind_people(house: House) -> None:
    batch(house, "file,rep,consent\na.wav,ines@example.com,contract\n", {"a.wav": wav(seed=1)})
    alone = {"file": ("c.wav", wav(seed=3))}
    house.as_("rep").post("/api/v1/calls", files=alone, data={"consent": "contract"})
    order = house.people.sql("select priority from procrastinate_jobs order by id")
    assert order[0] < order[1]


def test_one_fault_and_nothing_is_taken_in(house: House, settings: Settings) -> None:
    csv = "file,rep,consent\na.wav,ines@example.com,contract\nb.wav,nobody@example.com,contract\n"
    wrong_rep = batch(house, csv, {"a.wav": wav(seed=1), "b.wav": wav(seed=2)})
    assert wrong_rep.status_code == 422
    assert [(f["line"], f["column"], f["file"]) for f in wrong_rep.json()["faults"]] == [(3, "rep", "b.wav")]
    not_sound = batch(house, CSV, {"a.wav": wav(seed=1), "b.wav": b"MZ nothing"})
    assert "FLAC" in not_sound.json()["faults"][0]["what"]
    not_sent = batch(house, CSV, {"a.wav": wav(seed=1)})
    assert [(f["line"], f["column"]) for f in not_sent.json()["faults"]] == [(3, "file")]
    assert house.people.sql("select count(*) from call")[0][0] == 0
    assert stored_files(settings) == []


def test_a_rep_may_send_only_own_calls(house: House) -> None:
    answer = batch(house, CSV, {"a.wav": wav(seed=1), "b.wav": wav(seed=2)}, who="rep")
    assert [(f["line"], f["column"]) for f in answer.json()["faults"]] == [(3, "rep")]


def test_the_same_batch_again_makes_nothing_new(house: House) -> None:
    csv = "file,rep,consent\na.wav,ines@example.com,contract\nt.txt,ines@example.com,contract\n"
    files = {"a.wav": wav(seed=1), "t.txt": TRANSCRIPTS["call.txt"]}
    first = batch(house, csv, files, key="one")
    assert batch(house, csv, files, key="one").json() == first.json()
    again = batch(house, csv, files)
    assert again.status_code == 200
    assert all(item["duplicate_of"] == item["call"]["id"] for item in again.json()["items"])
    assert house.people.sql("select count(*) from call")[0][0] == 2

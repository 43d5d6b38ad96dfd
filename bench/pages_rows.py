"""Calls with sound, transcript, evidence and drafts, put in as their analysis would leave them."""

import asyncio
import hashlib
import json
import random
import uuid
import wave
from pathlib import Path

import psycopg

from bench.after import SECONDS_PER_WORD
from bench.after import call as long_call
from bench.service_house import House
from models.framework import load_framework
from service.analysis import analyse
from service.calls import stored
from service.calls.peaks import POINTS
from service.result import SourcePart, result
from service.settings import load_settings
from service.storage import Storage, recording_key

STAGES = ("decode", "recognise", "diarise", "annotate", "score")
RATE = 8000


def spoken(there: House, folder: Path, minutes: float) -> str:
    """The path of an analysed call of so many minutes: two sides, at 150 words a minute."""
    transcript, framework = long_call(round(60 * minutes / SECONDS_PER_WORD)), load_framework()
    source = SourcePart(name="call.wav", kind="recording", sha256="0" * 64)
    analysis = analyse(transcript, framework)
    document = result(source, analysis, transcript, framework).model_dump(mode="json", by_alias=True)
    path = folder / f"{minutes:g}.wav"
    _silence(path, transcript.duration or 0.0)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    key = recording_key(there.team, sha256)
    asyncio.run(Storage(load_settings(data=there.data)).put_file(key, path))
    call, recording, scoring = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    with psycopg.connect(there.url, autocommit=True) as connection:
        run = connection.execute
        run(
            "insert into recording (id, team_id, sha256, size, name, media_type, key)"
            " values (%s, %s, %s, %s, 'call.wav', 'audio/wav', %s)",
            (recording, there.team, sha256, path.stat().st_size, key),
        )
        chance = random.Random(minutes)  # noqa: S311 - what a recording looks like
        peaks = [[chance.randint(0, 100) for _ in range(POINTS)] for _ in range(2)]
        drawn = json.dumps({"peaks": peaks, "seconds": transcript.duration})
        run("insert into waveform (recording_id, body) values (%s, %s::jsonb)", (recording, drawn))
        run(
            "insert into call (id, team_id, uploaded_by, recording_id, source, practice, title, consent,"
            " framework, state, seconds, version)"
            " values (%s, %s, %s, %s, 'upload', false, %s, 'all_parties', 'default', 'done', %s, 1)",
            (call, there.team, there.manager, recording, f"{minutes:g} minutes", transcript.duration),
        )
        for stage in STAGES:
            run(
                "insert into stage (call_id, name, state, share, attempts) values (%s, %s, 'done', 1, 0)",
                (call, stage),
            )
        body = json.dumps(stored.transcript_out(transcript))
        run(
            "insert into transcript_revision (call_id, revision, note, body) values (%s, 1, '', %s::jsonb)",
            (call, body),
        )
        run(
            "insert into scoring (id, call_id, number, revision, framework, framework_version,"
            " model_version, document) values (%s, %s, 1, 1, 'default', '1', 'prior-1', %s::jsonb)",
            (scoring, call, json.dumps(document)),
        )
        for score in document["scorecard"]["scores"]:
            run(
                "insert into draft (scoring_id, dimension, call_id, value) values (%s, %s, %s, %s)",
                (scoring, score["dimension"], call, score["value"]),
            )
        run("insert into blind_pick values (%s, %s, false)", (call, there.manager))
    return f"/calls/{call}"


def _silence(path: Path, seconds: float) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(1)
        file.setframerate(RATE)
        for _ in range(int(seconds)):
            file.writeframes(b"\x80" * 2 * RATE)

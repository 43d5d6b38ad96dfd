"""So many analysed calls, put in by COPY: rows as workers write them, but for most documents' size."""

import datetime as dt
import json
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.corpus import SAMPLES

TEAMS = 10
REPS = 10  # a team
DIMENSIONS = ("discovery", "value", "objection", "next_step", "presence")
LABELS = ("question.open", "objection.price", "step.dated", "value.outcome")
DOCUMENTS = 200  # calls, the newest ones, that get a whole document: a page shows one
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put in: ids of the newest calls, which have whole documents, and of a rep."""

    calls: Sequence[uuid.UUID]
    rep: uuid.UUID


def said() -> list[tuple[str, str]]:
    """Turns of the sample calls: speaker and words."""
    files = sorted(SAMPLES.glob("*/reference.json"))
    return [
        (turn["speaker"], turn["text"]) for file in files for turn in json.loads(file.read_text())["turns"]
    ]


def fill(url: str, manager: uuid.UUID, calls: int, turns: int, document: dict[str, Any]) -> Filled:
    """Put calls into ten teams of ten reps, evenly over three years; the manager gets all of the teams."""
    chance = random.Random(calls)  # noqa: S311 - the same rows each time
    with psycopg.connect(url) as connection:
        reps = _people(connection, manager)
        ids = [uuid.UUID(int=chance.getrandbits(128)) for _ in range(calls)]
        now = dt.datetime.now(dt.UTC)
        at = [now - 1000 * _DAY * (calls - n) / calls for n in range(calls)]
        _calls(connection, chance, reps, ids, at)
        _scorings(connection, chance, ids, at, document)
        # An index built once is built faster than row by row; the outcome is the same.
        connection.execute("drop index ix_passage_found_by")
        _passages(connection, chance, ids, turns)
        connection.execute("create index ix_passage_found_by on passage using gin (found_by)")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return Filled(ids[: -DOCUMENTS - 1 : -1], reps[0][1])


def _people(connection: "psycopg.Connection[Any]", manager: uuid.UUID) -> list[tuple[uuid.UUID, uuid.UUID]]:
    found = []
    for number in range(TEAMS):
        team = uuid.uuid4()
        connection.execute("insert into team (id, name) values (%s, %s)", (team, f"Team {number}"))
        connection.execute("insert into membership values (%s, %s, 'manager')", (manager, team))
        for place in range(REPS):
            rep = uuid.uuid4()
            connection.execute(
                "insert into person (id, email, name, administrator, time_zone)"
                " values (%s, %s, %s, false, 'UTC')",
                (rep, f"rep{number}.{place}@example.com", f"Rep {number}.{place}"),
            )
            connection.execute("insert into membership values (%s, %s, 'rep')", (rep, team))
            found.append((team, rep))
    return found


def _copy(connection: "psycopg.Connection[Any]", into: str, rows: Iterator[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _calls(
    connection: "psycopg.Connection[Any]",
    chance: random.Random,
    reps: Sequence[tuple[uuid.UUID, uuid.UUID]],
    ids: Sequence[uuid.UUID],
    at: Sequence[dt.datetime],
) -> None:
    def rows() -> Iterator[Sequence[Any]]:
        for number, (call, made) in enumerate(zip(ids, at, strict=True)):
            team, rep = chance.choice(reps)
            state = "failed" if number % 500 == 0 else "done"
            account = f"Account {number % 5000}"
            yield (call, team, rep, rep, "Rep: hello", "call.txt", "transcript", False, f"Call {number}",
                   account, made.date(), "one_party", "default", state, 600.0, 1, made, made)  # fmt: skip

    columns = (
        "id, team_id, rep_id, uploaded_by, transcript, transcript_name, source, practice, title, account,"
        " happened_on, consent, framework, state, seconds, version, created_at, updated_at"
    )
    _copy(connection, f"call ({columns})", rows())
    stages = ("decode", "recognise", "diarise", "annotate", "score")
    _copy(
        connection,
        "stage (call_id, name, state, share, version, attempts)",
        ((call, stage, "done", 1.0, "1", 1) for call in ids for stage in stages),
    )


def _scorings(
    connection: "psycopg.Connection[Any]",
    chance: random.Random,
    ids: Sequence[uuid.UUID],
    at: Sequence[dt.datetime],
    document: dict[str, Any],
) -> None:
    scorings = [uuid.UUID(int=chance.getrandbits(128)) for _ in ids]
    whole, small = json.dumps(document), json.dumps({"features": {}})
    newest = len(ids) - DOCUMENTS
    _copy(
        connection,
        "scoring (id, call_id, number, made_at, revision,"
        " framework, framework_version, model_version, document)",
        (
            (scoring, call, 1, made, 1, "default", "1", "prior-1", whole if number >= newest else small)
            for number, (scoring, call, made) in enumerate(zip(scorings, ids, at, strict=True))
        ),
    )
    _copy(
        connection,
        "draft (scoring_id, dimension, call_id, value, low, high)",
        (
            (scoring, dimension, call, value := chance.randint(1, 5), max(1, value - 1), min(5, value + 1))
            for scoring, call in zip(scorings, ids, strict=True)
            for dimension in DIMENSIONS
        ),
    )


def _passages(
    connection: "psycopg.Connection[Any]", chance: random.Random, ids: Sequence[uuid.UUID], turns: int
) -> None:
    corpus = said()
    _copy(
        connection,
        "passage (call_id, turn, speaker, starts, ends, words)",
        (
            (call, turn, speaker, 6.0 * turn, 6.0 * turn + 5, words)
            for call in ids
            for turn, (speaker, words) in enumerate(chance.choices(corpus, k=turns))
        ),
    )
    _copy(
        connection,
        "finding (call_id, position, label, turn, starts, quote, attributes)",
        (
            (call, place, label, chance.randrange(turns), 0.0, "a quote", "{}")
            for call in ids
            for place, label in enumerate(chance.choices(LABELS, k=3))
        ),
    )

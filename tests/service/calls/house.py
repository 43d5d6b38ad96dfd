"""A team to upload calls for, and what became of them."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from fastapi.testclient import TestClient

from service.settings import Settings
from tests.service.people import People


@dataclass
class House:
    """A team with a manager, two reps, and a coach who looks after the first rep."""

    people: People
    team: uuid.UUID
    manager: uuid.UUID
    rep: uuid.UUID
    other: uuid.UUID
    coach: uuid.UUID

    def as_(self, name: str) -> TestClient:
        person: uuid.UUID = getattr(self, name)
        return self.people.signed_in(person)


def furnished(people: People) -> House:
    """The house with everybody in it."""
    team = people.team()
    made = House(
        people,
        team,
        people.person("Mona", manager=team),
        people.person("Ines", rep=team),
        people.person("Otto", rep=team),
        people.person("Cora", coach=team),
    )
    people.assign(made.coach, made.rep)
    return made


def jobs_of(people: People, call: str) -> list[str]:
    rows = people.sql("select status::text from procrastinate_jobs where args->>'call_id' = %s", call)
    return [row[0] for row in rows]


def stored_files(settings: Settings) -> list[Path]:
    return [path for path in (settings.data / "recordings").rglob("*") if path.is_file()]

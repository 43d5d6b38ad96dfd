"""A small company for the walk over all routes: everybody who could ask, and one of everything to ask for."""

import base64
import datetime as dt
import itertools
import uuid
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from psycopg.types.json import Jsonb

from service.auth.store import key_of
from tests.service.auth.accounts import another
from tests.service.documents import document
from tests.service.people import People

ROLES = (
    "administrator",
    "manager",
    "coach",
    "rep",
    "other_manager",  # of another team
    "other_coach",  # of another rep in the same team
    "other_rep",  # in the same team
    "nobody",  # not signed in
)
NONE = "{}"  # an empty array, as PostgreSQL writes it
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class World:
    """Ids by what they are of: people by role, `call` (the rep's), `practice` (not submitted) and more."""

    people: People
    ids: dict[str, Any]

    def client(self, role: str) -> TestClient:
        """A browser in which somebody with this role is signed in."""
        if role == "nobody":
            return another(self.people.client)
        return self.people.signed_in(self.ids[role])

    def program(self, role: str) -> TestClient:
        """A program with an API token of somebody with this role, good for nothing: it has no scopes."""
        secret = uuid.uuid4().hex
        self.people.insert("token", person_id=self.ids[role], key=key_of(secret), name="CRM", scopes=NONE)
        found = another(self.people.client)
        found.headers["Authorization"] = f"Bearer {secret}"
        return found

    def filled(self, value: Any) -> Any:
        """The value with every text `@name` in it replaced by the id of that name."""
        if isinstance(value, str):
            return str(self.ids[value[1:]]) if value.startswith("@") else value
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if isinstance(value, dict):
            return {key: self.filled(item) for key, item in value.items()}
        return value


def build(people: People) -> World:
    """A company of its own beside those that are there."""
    number = next(_numbers)
    ids: dict[str, Any] = {
        "team": people.team(f"Team {number}"),
        "elsewhere": people.team(f"Far {number}"),
    }

    def person(role: str, **parts: uuid.UUID) -> None:
        admin = role == "administrator"
        ids[role] = people.person(f"{role}{number}", administrator=admin, **parts)

    person("administrator")
    person("manager", manager=ids["team"])
    person("coach", coach=ids["team"])
    person("rep", rep=ids["team"])
    person("other_manager", manager=ids["elsewhere"])
    person("other_coach", coach=ids["team"])
    person("other_rep", rep=ids["team"])
    people.assign(ids["coach"], ids["rep"])
    people.assign(ids["other_coach"], ids["other_rep"])
    _calls(people, ids)
    _practice(people, ids)
    _coaching(people, ids)
    _learning(people, ids, number)
    ids["webhook"] = _webhook(people, ids)
    ids["upload"] = people.insert(
        "upload",
        person_id=ids["rep"],
        name="call.wav",
        length=10,
        given={},
        expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=1),
        duplicate=False,
    )
    ids["fetch"] = people.insert(
        "url_import",
        person_id=ids["rep"],
        host="example.com",
        given={},
        again=False,
        state="failed",
        duplicate=False,
    )
    ids["token"] = uuid.uuid4()
    said = {"filename": "call.wav", "team": ids["team"], "rep": ids["rep"], "consent": "synthetic"}
    ids["metadata"] = ",".join(
        f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in said.items()
    )
    return World(people, ids)


def _learning(people: People, ids: dict[str, Any], number: int) -> None:
    """A run that made a version, and a rescoring of the manager's."""
    ids["version"] = f"trained-{number}"
    ids["learning_run"] = people.insert(
        "learning_run",
        framework="default",
        state="done",
        reviews=1,
        calls=1,
        reviewers=1,
        teams={str(ids["team"]): 1},
        figures=Jsonb([]),
    )
    people.insert(
        "weights",
        framework="default",
        version=ids["version"],
        run_id=ids["learning_run"],
        learned=Jsonb([]),
        text="",
    )
    ids["rescoring"] = people.insert(
        "rescoring", team_id=ids["team"], by_id=ids["manager"], first_day=dt.date(2026, 1, 1)
    )


def _webhook(people: People, ids: dict[str, Any]) -> uuid.UUID:
    found = uuid.uuid4()
    people.sql(
        "insert into webhook (id, team_id, url, secret, events, made_by) "
        "values (%s, %s, 'https://hooks.example.com/', 's', array['call.analysed'], %s)",
        found,
        ids["team"],
        ids["manager"],
    )
    return found


def _calls(people: People, ids: dict[str, Any]) -> None:
    ids["call"] = people.call(ids["team"], ids["rep"])
    ids["scoring"] = people.scoring(ids["call"], {"discovery": 3}, document())
    ids["contest"] = people.insert(
        "contest", call_id=ids["call"], dimension="discovery", by_id=ids["rep"], reason="I asked twice."
    )
    ids["comment"] = people.insert("comment", call_id=ids["call"], by_id=ids["manager"], words="Good.")


def _coaching(people: People, ids: dict[str, Any]) -> None:
    """A note of the manager's and a calibration that the manager opened with the coach."""
    ids["note"] = people.insert("coaching_note", call_id=ids["call"], by_id=ids["manager"], version=1)
    people.sql(
        "insert into note_version (note_id, version, went_well, differently, practise) "
        "values (%s, 1, 'You asked.', 'Wait longer.', 'One open question.')",
        ids["note"],
    )
    ids["calibration"] = people.insert(
        "calibration",
        call_id=ids["call"],
        scoring_id=ids["scoring"],
        opened_by=ids["manager"],
        question="A 3 or a 4?",
    )
    for one in ("manager", "coach"):
        people.sql(
            "insert into calibration_part (calibration_id, person_id) values (%s, %s)",
            ids["calibration"],
            ids[one],
        )


def _practice(people: People, ids: dict[str, Any]) -> None:
    ids["scenario"] = people.insert(
        "scenario",
        team_id=ids["team"],
        title="Too dear",
        skill="objection",
        instructions="Answer it.",
        framework="default",
        thresholds={},
        made_by=ids["manager"],
        version=1,
    )
    for number, (name, submitted) in enumerate(
        (("practice", None), ("handed_in", dt.datetime.now(dt.UTC))), 1
    ):
        ids[name] = people.call(
            ids["team"], ids["rep"], practice=True, source="practice", submitted_at=submitted
        )
        people.scoring(ids[name], {"discovery": 3}, document())
        ids[f"{name}_attempt"] = people.insert(
            "attempt",
            scenario_id=ids["scenario"],
            rep_id=ids["rep"],
            call_id=ids[name],
            number=number,
            scenario_version=1,
            framework_version="1",
            thresholds={},
            self_scores={},
            submitted_at=submitted,
        )
    ids["fresh_practice"] = people.call(ids["team"], ids["rep"], practice=True, source="practice")

"""People, teams and calls for tests: rows put in directly, and clients signed in by a real session."""

import datetime as dt
import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any, Self

import psycopg
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg.types.json import Jsonb

from service.auth.store import key_of
from service.edge import COOKIE, CSRF_HEADER, Parts, csrf_token


class People:
    """Rows about people and what they work with; each method makes one thing and gives its id."""

    def __init__(self, client: TestClient, url: str) -> None:
        self.client = client
        self._connection = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, or none."""
        cursor = self._connection.execute(query, values)
        return cursor.fetchall() if cursor.description else []

    def insert(self, table: str, **values: Any) -> uuid.UUID:
        """A row with an id of its own."""
        found = uuid.uuid4()
        row = {
            "id": found,
            **{k: Jsonb(v) if isinstance(v, dict) else v for k, v in values.items()},
        }
        names = ", ".join(row)
        # Names are the tests' own.
        self.sql(f'insert into "{table}" ({names}) values ({", ".join(["%s"] * len(row))})', *row.values())
        return found

    def team(self, name: str = "Sales") -> uuid.UUID:
        """A team."""
        return self.insert("team", name=name)

    def person(self, name: str, *, administrator: bool = False, **parts: uuid.UUID) -> uuid.UUID:
        """A person; `manager=TEAM`, `coach=TEAM`, `rep=TEAM` give them a part."""
        found = self.insert(
            "person",
            name=name,
            email=f"{name.lower()}@example.com",
            administrator=administrator,
            time_zone="UTC",
        )
        for role, team in parts.items():
            self.sql(
                "insert into membership (person_id, team_id, role) values (%s, %s, %s)", found, team, role
            )
        return found

    def assign(self, coach: uuid.UUID, rep: uuid.UUID) -> None:
        """The coach looks after the rep from now on."""
        self.sql("insert into assignment (coach_id, rep_id) values (%s, %s)", coach, rep)

    def signed_in(self, person: uuid.UUID) -> TestClient:
        """A client of the same application with a cookie of the person's and the CSRF token for it."""
        secret = secrets.token_urlsafe(16)
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        self.sql(
            "insert into session (key, person_id, expires_at, browser) values (%s, %s, %s, '')",
            key_of(secret),
            person,
            expires,
        )
        app = self.client.app
        assert isinstance(app, FastAPI)
        parts: Parts = app.state.parts
        headers = {CSRF_HEADER: csrf_token(parts.secret, secret)}
        client = TestClient(app, raise_server_exceptions=False, headers=headers, cookies={COOKIE: secret})
        client.portal = self.client.portal  # the application runs already
        return client

    def call(self, team: uuid.UUID, rep: uuid.UUID | None, **more: Any) -> uuid.UUID:
        """An analysed call that came as a transcript; any column can be given."""
        row = {
            "team_id": team,
            "rep_id": rep,
            "uploaded_by": rep or self.sql("select id from person limit 1")[0][0],
            "transcript": "rep: hello\nbuyer: hello",
            "transcript_name": "call.txt",
            "source": "transcript",
            "practice": False,
            "title": "A call",
            "consent": "synthetic",
            "framework": "default",
            "state": "done",
            "version": 1,
            **more,
        }
        return self.insert("call", **row)

    def scoring(
        self, call: uuid.UUID, drafts: Mapping[str, int | None], document: dict[str, Any] | None = None
    ) -> uuid.UUID:
        """A scoring of a call with these drafts."""
        number = self.sql("select count(*) + 1 from scoring where call_id = %s", call)[0][0]
        found = self.insert(
            "scoring",
            call_id=call,
            number=number,
            revision=1,
            framework="default",
            framework_version="1",
            model_version="prior-1",
            document=document or {"features": {}},
        )
        for dimension, value in drafts.items():
            self.sql(
                "insert into draft (scoring_id, dimension, call_id, value, low, high) "
                "values (%s, %s, %s, %s, %s, %s)",
                found,
                dimension,
                call,
                value,
                value,
                value,
            )
        return found


def shown(response: Any) -> str:
    """An answer as text, for messages of failed assertions."""
    return json.dumps(response.json(), indent=1)

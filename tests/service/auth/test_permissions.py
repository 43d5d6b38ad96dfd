"""The table of permissions in Python and in SQL say the same, whoever asks about whatever call."""

import datetime as dt
import uuid
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from service.auth.permissions import MAY, Action, Relation, Who, may_with_call
from service.auth.tables import ROLES, Person, Team
from service.calls.store import private, visible
from service.calls.tables import Call
from service.edge import cursor, newest_place, place
from service.problems import Problem

TEAMS = [uuid.uuid4() for _ in range(2)]
PEOPLE = [uuid.uuid4() for _ in range(3)]
OF_CALLS = [action for action in Action if MAY[action] <= {Relation.OWN, Relation.MANAGES, Relation.COACHES}]

whoever = st.builds(
    Who,
    id=st.sampled_from(PEOPLE),
    name=st.just("Ann"),
    email=st.just("ann@example.com"),
    administrator=st.booleans(),
    teams=st.dictionaries(st.sampled_from(TEAMS), st.frozensets(st.sampled_from(ROLES), min_size=1)),
    coached=st.frozensets(st.sampled_from(PEOPLE)),
    scopes=st.none() | st.frozensets(st.sampled_from(OF_CALLS)),
)


def every_kind_of_call() -> list[Call]:
    """A call of each team, each rep and none, practice or not, submitted or not."""
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return [
        Call(
            id=uuid.uuid4(),
            team_id=team,
            rep_id=rep,
            uploaded_by=PEOPLE[0],
            transcript="rep: hello",
            source="transcript",
            title="A call",
            state="quarantined",
            practice=practice,
            submitted_at=at if submitted else None,
        )
        for team, rep, practice, submitted in product(TEAMS, [*PEOPLE, None], [False, True], [False, True])
    ]


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a database of the test's own, whose rows are gone when it ends."""
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.mark.parametrize("action", OF_CALLS)
def test_what_a_list_shows_is_what_the_table_allows(session: Session, action: Action) -> None:
    session.add_all(Team(id=team, name=str(team)) for team in TEAMS)
    session.add_all(Person(id=one, name="Ann", email=f"{one}@example.com") for one in PEOPLE)
    session.flush()
    calls = every_kind_of_call()
    session.add_all(calls)
    session.flush()

    @given(whoever)
    @settings(max_examples=60, deadline=None, phases=[Phase.generate])
    def agree(who: Who) -> None:
        listed = set(session.scalars(select(Call.id).where(visible(who, action))))
        allowed = {
            call.id
            for call in calls
            if may_with_call(who, action, team=call.team_id, rep=call.rep_id, private=private(call))
        }
        assert listed == allowed

    agree()


@given(whoever, st.sampled_from(OF_CALLS), st.booleans())
def test_being_administrator_opens_no_call(who: Who, action: Action, private: bool) -> None:
    stranger = Who(id=who.id, name="Root", email="root@example.com", administrator=True)
    assert not may_with_call(
        stranger, action, team=TEAMS[0], rep=PEOPLE[PEOPLE.index(who.id) - 1], private=private
    )


@given(whoever, st.sampled_from(OF_CALLS), st.sampled_from([*PEOPLE, None]))
def test_practice_that_isn_t_submitted_is_the_rep_s_alone(
    who: Who, action: Action, rep: uuid.UUID | None
) -> None:
    if rep != who.id:
        assert not may_with_call(who, action, team=TEAMS[0], rep=rep, private=True)


@given(whoever, st.sampled_from(OF_CALLS), st.sampled_from([*PEOPLE, None]), st.booleans())
def test_a_token_allows_nothing_that_its_person_may_not(
    who: Who, action: Action, rep: uuid.UUID | None, private: bool
) -> None:
    person = Who(who.id, who.name, who.email, who.administrator, who.time_zone, who.teams, who.coached)
    team = TEAMS[0]
    if may_with_call(who, action, team=team, rep=rep, private=private):
        assert may_with_call(person, action, team=team, rep=rep, private=private)
        assert who.scopes is None or action in who.scopes


@given(st.lists(st.text() | st.integers() | st.uuids(), min_size=1, max_size=4))
def test_a_cursor_gives_back_the_place_it_was_made_of(values: list[object]) -> None:
    assert place(cursor(*values), len(values)) == [str(value) for value in values]


@given(st.datetimes(timezones=st.just(dt.UTC)), st.uuids())
def test_a_cursor_of_time_and_id_gives_them_back(at: dt.datetime, one: uuid.UUID) -> None:
    assert newest_place(cursor(at.isoformat(), one)) == (at, one)


@given(st.text(max_size=60))
def test_any_other_text_is_a_problem_not_a_fault(text: str) -> None:
    try:
        found = newest_place(text)
    except Problem:
        return
    assert found is not None

"""What people may do: one table from actions to the relations that allow them, and nothing besides.

A relation is how a person stands to the thing: to a call its rep (OWN), a manager of its team (MANAGES), a
coach of its rep (COACHES); to a team its member or manager; or administrator of the service. Practice that a
rep has not submitted is the rep's alone: nobody else sees it, not even that it is there.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Relation(StrEnum):
    """How a person stands to what they want to use."""

    OWN = "own"  # the rep of the call; the person themselves
    MANAGES = "manages"  # manager of the call's team
    COACHES = "coaches"  # coach that the call's rep is assigned to
    MEMBER = "member"  # of the team, in any part
    ADMINISTERS = "administers"
    SIGNED_IN = "signed in"


OWN, MANAGES, COACHES = Relation.OWN, Relation.MANAGES, Relation.COACHES
MEMBER, ADMINISTERS, SIGNED_IN = Relation.MEMBER, Relation.ADMINISTERS, Relation.SIGNED_IN


class Action(StrEnum):
    """What can be done, by the scope that an API token needs for it."""

    CALL_VIEW = "calls:read"
    CALL_UPLOAD = "calls:upload"
    CALL_EDIT = "calls:edit"  # metadata, transcript, speakers
    CALL_RUN = "calls:run"  # analyse again, cancel
    CALL_DELETE = "calls:delete"
    CALL_EXPORT = "calls:export"
    CALL_REVIEW = "reviews:write"
    REVIEWS_EXPORT = "reviews:export"  # a team's, for training
    CALL_COMMENT = "comments:write"
    CALL_CONTEST = "contests:write"
    CONTEST_DECIDE = "contests:decide"
    NOTE_WRITE = "coaching:write"
    CALIBRATE = "calibration:write"  # open a round, take part in it
    AGREEMENT_VIEW = "agreement:read"
    LEARNING_VIEW = "learning:read"  # what was learned from reviews, and what drafts come from
    LEARNING_EDIT = "learning:edit"  # learn, put weights in use
    PRACTISE = "practice:write"
    SCENARIO_VIEW = "practice:read"
    SCENARIO_EDIT = "practice:edit"
    ATTEMPT_DECIDE = "practice:decide"
    TEAM_VIEW = "teams:read"
    WEBHOOK_EDIT = "webhooks:edit"
    CALL_HOLD = "calls:hold"  # keep it whatever its age, and let go again
    AUDIT_OWN = "audit:read"
    PEOPLE_EDIT = "people:edit"
    SETTINGS_EDIT = "settings:edit"
    ACCOUNT = "account:edit"  # one's own: password, tokens, sessions


MAY: Mapping[Action, frozenset[Relation]] = {
    Action.CALL_VIEW: frozenset({OWN, MANAGES, COACHES}),
    Action.CALL_UPLOAD: frozenset({MEMBER}),
    Action.CALL_EDIT: frozenset({OWN, MANAGES}),
    Action.CALL_RUN: frozenset({OWN, MANAGES}),
    Action.CALL_DELETE: frozenset({MANAGES}),  # and OWN while it is practice not yet submitted
    Action.CALL_EXPORT: frozenset({OWN, MANAGES, COACHES}),
    Action.CALL_REVIEW: frozenset({MANAGES, COACHES}),
    Action.REVIEWS_EXPORT: frozenset({MANAGES}),
    Action.CALL_COMMENT: frozenset({OWN, MANAGES, COACHES}),
    Action.CALL_CONTEST: frozenset({OWN}),
    Action.CONTEST_DECIDE: frozenset({MANAGES, COACHES}),
    Action.NOTE_WRITE: frozenset({MANAGES, COACHES}),
    Action.CALIBRATE: frozenset({MANAGES, COACHES}),
    Action.AGREEMENT_VIEW: frozenset({MANAGES, COACHES}),
    Action.LEARNING_VIEW: frozenset({MANAGES, COACHES, ADMINISTERS}),
    Action.LEARNING_EDIT: frozenset({ADMINISTERS}),
    Action.PRACTISE: frozenset({OWN}),
    Action.SCENARIO_VIEW: frozenset({MEMBER}),
    Action.SCENARIO_EDIT: frozenset({MANAGES, COACHES}),
    Action.ATTEMPT_DECIDE: frozenset({COACHES}),
    Action.TEAM_VIEW: frozenset({MEMBER, ADMINISTERS}),
    Action.WEBHOOK_EDIT: frozenset({MANAGES}),
    Action.CALL_HOLD: frozenset({MANAGES}),
    Action.AUDIT_OWN: frozenset({OWN, MANAGES}),
    Action.PEOPLE_EDIT: frozenset({ADMINISTERS}),
    Action.SETTINGS_EDIT: frozenset({ADMINISTERS}),
    Action.ACCOUNT: frozenset({SIGNED_IN}),
}
"""The table. What it doesn't name, nobody may."""

PRIVATE = frozenset({OWN})
"""Who has anything to do with practice that isn't submitted."""
ABOUT_ONESELF = frozenset(
    {
        Action.CALL_REVIEW,
        Action.CONTEST_DECIDE,
        Action.ATTEMPT_DECIDE,
        Action.NOTE_WRITE,
        Action.CALIBRATE,
    }
)
"""What nobody may do about their own call, whatever else they are."""


@dataclass(frozen=True, slots=True)
class Who:
    """The person who asks. `teams` holds the parts in each team, `coached` the reps a coach looks after.

    `scopes` are what an API token is limited to, None for somebody signed in.
    """

    id: uuid.UUID
    name: str
    email: str
    administrator: bool
    time_zone: str = "UTC"
    teams: Mapping[uuid.UUID, frozenset[str]] = field(default_factory=dict)
    coached: frozenset[uuid.UUID] = frozenset()
    scopes: frozenset[str] | None = None
    session: str | None = None

    def managed(self) -> frozenset[uuid.UUID]:
        """Teams that the person manages."""
        return frozenset(team for team, parts in self.teams.items() if "manager" in parts)

    def coaching(self) -> frozenset[uuid.UUID]:
        """Teams in which the person coaches."""
        return frozenset(team for team, parts in self.teams.items() if "coach" in parts)

    def selling(self) -> frozenset[uuid.UUID]:
        """Teams in which the person is a rep."""
        return frozenset(team for team, parts in self.teams.items() if "rep" in parts)

    def within_scope(self, action: Action) -> bool:
        """Whether the token, if there is one, is for this."""
        return self.scopes is None or action in self.scopes


def to_call(who: Who, *, team: uuid.UUID, rep: uuid.UUID | None) -> frozenset[Relation]:
    """How a person stands to a call of a team and rep; coaches only within their team."""
    found = {SIGNED_IN}
    if rep is not None and rep == who.id:
        found.add(OWN)
    if team in who.managed():
        found.add(MANAGES)
    if rep in who.coached and team in who.coaching():
        found.add(COACHES)
    return frozenset(found)


def to_team(who: Who, team: uuid.UUID) -> frozenset[Relation]:
    """How a person stands to a team."""
    found = {SIGNED_IN}
    parts = who.teams.get(team, frozenset())
    if parts:
        found.add(MEMBER)
    if "manager" in parts:
        found.add(MANAGES)
    if "coach" in parts:
        found.add(COACHES)
    if who.administrator:
        found.add(ADMINISTERS)
    return frozenset(found)


def may(who: Who, action: Action, relations: frozenset[Relation]) -> bool:
    """Whether the table allows it."""
    return who.within_scope(action) and bool(MAY[action] & relations)


def may_with_call(who: Who, action: Action, *, team: uuid.UUID, rep: uuid.UUID | None, private: bool) -> bool:
    """Whether a person may do something with a call; `private` is practice that isn't submitted."""
    relations = to_call(who, team=team, rep=rep)
    if action in ABOUT_ONESELF and OWN in relations:
        return False
    if private:
        alone = relations & PRIVATE
        return (
            who.within_scope(action)
            and bool(alone)
            and (action == Action.CALL_DELETE or bool(MAY[action] & alone))
        )
    return may(who, action, relations)

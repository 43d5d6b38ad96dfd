"""What a token may be for, in words and by area: what reads apart from what changes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.auth.permissions import MAY, Action, Relation, Who

WORDS = {
    Action.CALL_VIEW: "read calls",
    Action.CALL_UPLOAD: "upload calls",
    Action.CALL_EDIT: "edit calls and transcripts",
    Action.CALL_RUN: "run and stop analyses",
    Action.CALL_DELETE: "delete calls",
    Action.CALL_EXPORT: "export calls",
    Action.CALL_REVIEW: "score calls",
    Action.REVIEWS_EXPORT: "export scores for training",
    Action.CALL_COMMENT: "comment",
    Action.CALL_CONTEST: "contest scores",
    Action.CONTEST_DECIDE: "decide contests",
    Action.NOTE_WRITE: "write coaching notes",
    Action.CALIBRATE: "take part in calibration",
    Action.AGREEMENT_VIEW: "read how far drafts and people agree",
    Action.LEARNING_VIEW: "read what was learned from scores",
    Action.LEARNING_EDIT: "decide on what was learned",
    Action.CALL_HOLD: "keep calls whatever their age",
    Action.PRACTISE: "practise",
    Action.SCENARIO_VIEW: "read scenarios",
    Action.SCENARIO_EDIT: "edit scenarios",
    Action.ATTEMPT_DECIDE: "decide on practice",
    Action.TEAM_VIEW: "read teams",
    Action.WEBHOOK_EDIT: "edit webhooks",
    Action.AUDIT_OWN: "read the log about oneself",
    Action.PEOPLE_EDIT: "edit people and teams",
    Action.SETTINGS_EDIT: "edit settings",
    Action.ACCOUNT: "edit the account",
}
"""What a scope is for; one that isn't here is shown by its own name."""
READS = frozenset(
    {
        Action.CALL_VIEW,
        Action.CALL_EXPORT,
        Action.REVIEWS_EXPORT,
        Action.AGREEMENT_VIEW,
        Action.LEARNING_VIEW,
        Action.SCENARIO_VIEW,
        Action.TEAM_VIEW,
        Action.AUDIT_OWN,
    }
)
"""Scopes that change nothing."""
USUAL = frozenset({Action.CALL_VIEW})
"""What a new token is for unless somebody says otherwise."""
AREAS: Sequence[tuple[str, str, Sequence[Action]]] = (
    (
        "Calls",
        "Recordings with their transcripts, evidence and scores.",
        (
            Action.CALL_VIEW,
            Action.CALL_EXPORT,
            Action.CALL_UPLOAD,
            Action.CALL_EDIT,
            Action.CALL_RUN,
            Action.CALL_DELETE,
            Action.CALL_HOLD,
        ),
    ),
    (
        "Scores and coaching",
        "What people say of a call. It is written in your name.",
        (
            Action.AGREEMENT_VIEW,
            Action.REVIEWS_EXPORT,
            Action.CALL_REVIEW,
            Action.CALL_COMMENT,
            Action.CALL_CONTEST,
            Action.CONTEST_DECIDE,
            Action.NOTE_WRITE,
            Action.CALIBRATE,
        ),
    ),
    (
        "Practice",
        "Scenarios, and attempts at them.",
        (Action.SCENARIO_VIEW, Action.SCENARIO_EDIT, Action.PRACTISE, Action.ATTEMPT_DECIDE),
    ),
    (
        "Teams and the service",
        "Who is in which team, where messages go, how the service is set.",
        (
            Action.TEAM_VIEW,
            Action.LEARNING_VIEW,
            Action.WEBHOOK_EDIT,
            Action.PEOPLE_EDIT,
            Action.LEARNING_EDIT,
            Action.SETTINGS_EDIT,
        ),
    ),
    ("Your account", "You, and the log of what was done about you.", (Action.AUDIT_OWN, Action.ACCOUNT)),
)
"""Title, what it is about, scopes."""
_OF_ONESELF = frozenset({Action.AUDIT_OWN, Action.ACCOUNT})


@dataclass(frozen=True, slots=True)
class Area:
    """Scopes that belong together, those that read apart from those that change."""

    title: str
    about: str
    reads: tuple[Action, ...]
    changes: tuple[Action, ...]


def areas(who: Who) -> list[Area]:
    """The scopes that somebody could use, by area; areas of which they could use nothing are left out."""
    found = []
    for title, about, actions in AREAS:
        useful = [action for action in actions if useable(who, action)]
        reads = tuple(action for action in useful if action in READS)
        if useful:
            found.append(Area(title, about, reads, tuple(action for action in useful if action not in READS)))
    return found


def useable(who: Who, action: Action) -> bool:
    """Whether there is anything with which somebody may do this, by their parts in teams."""
    standing = {Relation.SIGNED_IN}
    standing |= {Relation.OWN} if who.selling() or action in _OF_ONESELF else set()
    standing |= {Relation.MANAGES} if who.managed() else set()
    standing |= {Relation.COACHES} if who.coaching() else set()
    standing |= {Relation.MEMBER} if who.teams else set()
    standing |= {Relation.ADMINISTERS} if who.administrator else set()
    return bool(MAY[action] & standing)


def words(scope: str) -> str:
    """What a scope is for."""
    return next((text for action, text in WORDS.items() if action == scope), scope)

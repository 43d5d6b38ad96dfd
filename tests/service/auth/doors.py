"""Who gets through at every route: the one table that the walk holds the service to.

An entry says who may (`may`), who knows of the thing but may not (`sees`: 403), and what all others get
(`rest`). Somebody who isn't signed in gets 401, unless they may. `@name` stands for the id of that name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.service.auth.accounts import OTHER, PASSWORD
from tests.service.auth.world import ROLES

Roles = frozenset[str]


@dataclass(frozen=True, slots=True)
class Door:
    """A request to a route, and who gets through.

    `absent` allows a 404 to those who may, for something that isn't there in the world; `streams` is a route
    whose answer doesn't end, so only refusals are tried. `use` names what stands for a parameter of the path.
    """

    may: Roles
    sees: Roles = frozenset()
    rest: int = 404
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes]] | None = None
    form: Mapping[str, str] | None = None
    use: Mapping[str, str] = field(default_factory=dict)
    absent: bool = False
    streams: bool = False


def of(*roles: str) -> Roles:
    return frozenset(roles)


ALL = frozenset(ROLES)
SIGNED_IN = ALL - {"nobody"}
MEMBERS = of("manager", "coach", "rep", "other_coach", "other_rep")
ADMIN = of("administrator")
VIEWERS = of("manager", "coach", "rep")
REVIEWERS = of("manager", "coach")
REP = of("rep")
MANAGER = of("manager")
ANY = {"If-Match": "*"}
PRACTICE = {"call_id": "practice"}
SCENARIO = {"title": "Too dear", "skill": "objection", "instructions": "Answer it."}
NOTE = {"went_well": "You asked.", "differently": "Wait longer.", "practise": "One open question."}
SCORES = {"scores": [{"dimension": "discovery", "value": 3}]}
ADDED = {"name": "Zoe", "email": "zoe@example.org"}


def administrators(**more: Any) -> tuple[Door, ...]:
    return (Door(ADMIN, rest=403, **more),)


def everybody(**more: Any) -> tuple[Door, ...]:
    return (Door(SIGNED_IN, **more),)


def strangers(**more: Any) -> tuple[Door, ...]:
    return (Door(ALL, **more),)


def call(may: Roles, private: Roles = REP, **more: Any) -> tuple[Door, ...]:
    """A route about a call: once for one that the team sees, once for practice that isn't submitted."""
    return (
        Door(may, sees=VIEWERS - may, **more),
        Door(private, sees=REP - private, **{**more, "use": {**more.get("use", {}), **PRACTICE}}),
    )


TUS = {"Tus-Resumable": "1.0.0"}
TRANSCRIPT = {"file": ("call.txt", b"rep: hello\nbuyer: hello")}
GIVEN = {"team": "@team", "rep": "@rep", "consent": "synthetic"}

DOORS: dict[str, tuple[Door, ...]] = {
    # Signing in
    "GET /sign-in": strangers(),
    "POST /sign-in": (Door(of(), rest=401, body={"email": "x@example.com", "password": OTHER}),),
    "POST /sign-out": everybody(),
    "GET /sign-in/oidc": strangers(absent=True),
    "GET /sign-in/oidc/callback": (Door(of(), rest=401),),
    "POST /invitations/look": strangers(body={"secret": "unknown"}, absent=True),
    "POST /invitations/accept": strangers(body={"secret": "unknown", "password": OTHER}, absent=True),
    # Oneself
    "GET /me": everybody(),
    "PATCH /me": everybody(body={"name": "Anna"}, headers=ANY),
    "POST /me/password": everybody(body={"current": PASSWORD, "new": OTHER}),
    "GET /me/sessions": everybody(),
    "DELETE /me/sessions": everybody(),
    "DELETE /me/sessions/{session_id}": everybody(use={"session_id": "token"}, absent=True),
    "GET /me/tokens": everybody(),
    "POST /me/tokens": everybody(body={"name": "CRM", "scopes": ["calls:read"]}),
    "DELETE /me/tokens/{token_id}": everybody(use={"token_id": "token"}, absent=True),
    "GET /audit": everybody(),
    "GET /me/export.zip": everybody(),
    "GET /notice": everybody(),
    "POST /notice/acknowledgement": (Door(of(), rest=412, body={"version": "unknown"}),),
    # Accounts and teams
    "GET /people": administrators(),
    "POST /people": administrators(body=ADDED),
    "GET /people/{person_id}": administrators(),
    "PATCH /people/{person_id}": administrators(body={"disabled": True}, headers=ANY),
    "POST /people/{person_id}/invitation": administrators(),
    "GET /people/{person_id}/reps": administrators(use={"person_id": "coach"}),
    "PUT /people/{person_id}/reps/{rep_id}": administrators(use={"person_id": "coach"}),
    "DELETE /people/{person_id}/reps/{rep_id}": administrators(use={"person_id": "coach"}),
    "GET /teams": everybody(),
    "POST /teams": administrators(body={"name": "Zoo"}),
    "GET /teams/{team_id}": (Door(MEMBERS | ADMIN),),
    "PATCH /teams/{team_id}": administrators(body={"name": "Zoo"}, headers=ANY),
    "DELETE /teams/{team_id}": administrators(headers=ANY),
    "GET /teams/{team_id}/members": (Door(MEMBERS | ADMIN),),
    "PUT /teams/{team_id}/members/{person_id}": administrators(body={"roles": ["rep"]}),
    # Calls
    "GET /calls": everybody(),
    "GET /calls/{call_id}": call(VIEWERS),
    "PATCH /calls/{call_id}": call(of("rep", "manager"), body={"title": "New"}, headers=ANY),
    "DELETE /calls/{call_id}": call(MANAGER, headers=ANY),
    "GET /calls/{call_id}/audio": call(VIEWERS, absent=True),
    "HEAD /calls/{call_id}/audio": call(VIEWERS, absent=True),
    "GET /calls/{call_id}/audit": call(of("rep", "manager")),
    "GET /calls/{call_id}/hold": call(VIEWERS),
    "PUT /calls/{call_id}/hold": call(MANAGER, private=of(), body={"reason": "A dispute."}),
    "DELETE /calls/{call_id}/hold": call(MANAGER, private=of(), absent=True),
    "GET /retention": administrators(),
    "GET /settings": administrators(),
    "PATCH /settings": administrators(body={"upload_days": 3}, headers=ANY),
    "POST /people/{person_id}/erasure": administrators(headers=ANY),
    "POST /calls": (Door(VIEWERS, sees=of("other_coach", "other_rep"), files=TRANSCRIPT, form=GIVEN),),
    "POST /calls/batch": (
        Door(
            VIEWERS,
            rest=422,
            files={"files": TRANSCRIPT["file"], "csv": ("calls.csv", b"file,title\ncall.txt,First\n")},
            form=GIVEN,
        ),
    ),
    # Off unless an administrator turns it on
    "POST /calls/from-url": (Door(of(), rest=403, body={"url": "https://example.com/call.wav"}),),
    "GET /calls/from-url/{fetch_id}": (Door(REP),),
    "OPTIONS /uploads": strangers(),
    "POST /uploads": (
        Door(
            VIEWERS,
            sees=of("other_coach", "other_rep"),
            headers={
                **TUS,
                "Upload-Length": "10",
                "Upload-Metadata": "@metadata",
            },
        ),
    ),
    "HEAD /uploads/{upload_id}": (Door(REP, headers=TUS),),
    "GET /uploads/{upload_id}": (Door(REP),),
    "PATCH /uploads/{upload_id}": (
        Door(
            REP,
            headers={**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
        ),
    ),
    "DELETE /uploads/{upload_id}": (Door(REP, headers=TUS),),
    # Work on calls
    "GET /calls/{call_id}/progress": call(VIEWERS),
    "GET /calls/{call_id}/events": call(VIEWERS, streams=True),
    "GET /events": (Door(SIGNED_IN, query={"ids": "@call"}, streams=True),),
    "POST /calls/{call_id}/stages/{name}": call(of("rep", "manager"), use={"name": "score"}),
    "POST /calls/{call_id}/retry": call(of("rep", "manager")),
    "POST /calls/{call_id}/cancel": call(of("rep", "manager")),
    "GET /calls/{call_id}/transcript": call(VIEWERS),
    "PUT /calls/{call_id}/transcript": call(of("rep", "manager"), body={"rep": "left"}, headers=ANY),
    "GET /calls/{call_id}/transcript/revisions": call(VIEWERS),
    # Reviews
    "GET /calls/{call_id}/analysis": call(VIEWERS),
    "GET /calls/{call_id}/scorings": call(VIEWERS),
    "GET /calls/{call_id}/reviews": call(VIEWERS),
    "POST /calls/{call_id}/reviews": call(
        of("manager", "coach"),
        of(),
        body={"scoring": "@scoring", "scores": [{"dimension": "discovery", "value": 3}]},
        headers=ANY,
    ),
    "GET /calls/{call_id}/contests": call(VIEWERS),
    "POST /calls/{call_id}/contests": call(REP, body={"dimension": "discovery", "reason": "I asked."}),
    "POST /contests/{contest_id}/decision": (
        Door(
            of("manager", "coach"),
            sees=REP,
            body={"value": 4, "decision": "Agreed."},
            headers=ANY,
        ),
    ),
    "GET /calls/{call_id}/comments": call(VIEWERS),
    "POST /calls/{call_id}/comments": call(VIEWERS, body={"words": "Good."}),
    # By whoever wrote it
    "DELETE /calls/{call_id}/comments/{comment_id}": (Door(MANAGER),),
    "GET /teams/{team_id}/reviews.jsonl": (Door(MANAGER, rest=403),),
    # Practice
    "GET /teams/{team_id}/scenarios": (Door(MEMBERS),),
    "POST /teams/{team_id}/scenarios": (
        Door(of("manager", "coach", "other_coach"), sees=of("rep", "other_rep"), body=SCENARIO),
    ),
    "GET /scenarios/{scenario_id}": (Door(MEMBERS),),
    "PUT /scenarios/{scenario_id}": (
        Door(of("manager", "coach", "other_coach"), sees=of("rep", "other_rep"), body=SCENARIO, headers=ANY),
    ),
    "DELETE /scenarios/{scenario_id}": (
        Door(of("manager", "coach", "other_coach"), sees=of("rep", "other_rep"), headers=ANY),
    ),
    "GET /scenarios/{scenario_id}/attempts": (Door(MEMBERS),),
    "POST /scenarios/{scenario_id}/attempts": (Door(REP, body={"call_id": "@fresh_practice"}),),
    "GET /me/attempts": everybody(),
    # Unnamed: there is none to hear in the world of this table
    "GET /scenarios/{scenario_id}/example": (Door(MEMBERS, absent=True),),
    "GET /scenarios/{scenario_id}/example/audio": (Door(MEMBERS, absent=True),),
    "GET /calls/{call_id}/shared": call(REP),
    "PUT /calls/{call_id}/shared": call(REP),
    "DELETE /calls/{call_id}/shared": call(REP, absent=True),
    "GET /attempts/{attempt_id}": (
        Door(VIEWERS, use={"attempt_id": "handed_in_attempt"}),
        Door(REP, use={"attempt_id": "practice_attempt"}),
    ),
    "PUT /attempts/{attempt_id}/self-scores": (
        Door(REP, body={"self_scores": {}}, use={"attempt_id": "practice_attempt"}),
    ),
    "POST /attempts/{attempt_id}/submit": (Door(REP, use={"attempt_id": "practice_attempt"}),),
    "POST /attempts/{attempt_id}/decisions": (
        Door(
            of("coach"),
            sees=of("manager", "rep"),
            body={"passed": True, "reason": "You asked first."},
            use={"attempt_id": "handed_in_attempt"},
        ),
        Door(
            of(),
            sees=REP,
            body={"passed": True, "reason": "You asked first."},
            use={"attempt_id": "practice_attempt"},
        ),
    ),
    # Coaching, calibration, agreement
    "GET /queue": everybody(),
    "GET /calls/{call_id}/notes": call(VIEWERS),
    "POST /calls/{call_id}/notes": call(REVIEWERS, of(), body=NOTE),
    "PUT /notes/{note_id}": (Door(MANAGER, sees=of("coach", "rep"), body=NOTE, headers=ANY),),
    "GET /notes/{note_id}/history": (Door(VIEWERS),),
    "GET /calls/{call_id}/calibrations": call(VIEWERS),
    "POST /calls/{call_id}/calibrations": call(
        REVIEWERS, of(), body={"people": ["@manager", "@coach"]}, use={"call_id": "handed_in"}
    ),
    "GET /calibrations/{calibration_id}": (Door(REVIEWERS),),
    "POST /calibrations/{calibration_id}/scores": (Door(REVIEWERS, body=SCORES),),
    "POST /calibrations/{calibration_id}/close": (Door(MANAGER, sees=of("coach")),),
    "POST /calibrations/{calibration_id}/words": (Door(REVIEWERS, body={"words": "A leading question."}),),
    "POST /calibrations/{calibration_id}/settlement": (Door(REVIEWERS, body=SCORES),),
    "GET /teams/{team_id}/agreement": (
        Door(of("manager", "coach", "other_coach"), sees=of("rep", "other_rep")),
    ),
    "GET /me/acceptance": everybody(),
    # Learning
    "GET /learning": (
        Door(of("manager", "coach", "other_manager", "other_coach", "administrator"), rest=403),
    ),
    "GET /learning/runs": administrators(),
    "POST /learning/runs": administrators(body={}),
    "GET /learning/runs/{run_id}": administrators(use={"run_id": "learning_run"}),
    "GET /learning/runs/{run_id}/report": (
        Door(
            of("manager", "coach", "other_manager", "other_coach", "administrator"),
            rest=403,
            use={"run_id": "learning_run"},
            absent=True,
        ),
    ),
    "GET /learning/versions": administrators(),
    "PUT /learning/in-use": administrators(body={"version": "@version"}, headers=ANY),
    "POST /teams/{team_id}/rescorings": (
        Door(MANAGER, sees=of("coach", "rep", "other_coach", "other_rep"), body={"days": 30}),
    ),
    "GET /teams/{team_id}/rescorings": (Door(MANAGER, sees=of("coach", "rep", "other_coach", "other_rep")),),
    "GET /rescorings/{rescoring_id}": (Door(MANAGER),),
    "GET /teams/{team_id}/contests": (
        Door(of("manager", "coach", "other_coach"), sees=of("rep", "other_rep")),
    ),
    "GET /me/contests": everybody(),
    # Search and export
    "GET /search": everybody(query={"q": "hello"}),
    "GET /calls/{call_id}/export.json": call(VIEWERS),
    "GET /calls/{call_id}/export.srt": call(VIEWERS),
    "GET /calls/{call_id}/export.vtt": call(VIEWERS),
    "GET /calls/{call_id}/export.pdf": call(VIEWERS),
    "GET /export/calls.csv": everybody(),
    # Webhooks
    "GET /teams/{team_id}/webhooks": (Door(MANAGER, rest=403),),
    "POST /teams/{team_id}/webhooks": (
        Door(MANAGER, rest=403, body={"url": "https://hooks.example.org/", "events": ["call.analysed"]}),
    ),
    "GET /webhooks/{webhook_id}/deliveries": (Door(MANAGER),),
    "POST /webhooks/{webhook_id}/test": (Door(MANAGER),),
    "DELETE /webhooks/{webhook_id}": (Door(MANAGER),),
}

FOR_ANY_TOKEN = frozenset(
    {
        "GET /me",
        "POST /sign-out",
    }
)
"""What an API token opens whatever its scopes; it finds nothing of a call there."""

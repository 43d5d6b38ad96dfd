"""What is one's own as a page shows it: the log in words, scores of the draft and of people. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.pages.talk import Card
from service.privacy.routes import EntryShown
from service.reviews.shapes import ContestOut, ReviewOut

DONE = {
    "attempt begun": "began an attempt",
    "attempt submitted": "submitted an attempt",
    "calibration closed": "closed a calibration",
    "calibration discussed": "wrote in a calibration’s discussion",
    "calibration opened": "opened a calibration",
    "calibration scored": "scored it in a calibration",
    "calibration settled": "settled a calibration’s score",
    "calibration viewed": "looked at a calibration",
    "call.cancelled": "stopped the analysis",
    "call.deleted_by_age": "deleted the call by its age",
    "call.held": "put the call on hold, so that nothing deletes it",
    "call.hold_lifted": "lifted the hold on the call",
    "call.retried": "had the analysis go on",
    "call.sound_deleted_by_age": "deleted the sound by its age",
    "call.viewed": "looked at the call",
    "coach.assigned": "assigned a coach",
    "coach.unassigned": "ended a coach’s assignment",
    "invitation.accepted": "accepted the invitation",
    "membership.edited": "changed parts in a team",
    "note edited": "changed a note after the call",
    "note viewed": "looked at a note after the call",
    "note written": "wrote a note after the call",
    "password.changed": "changed the password",
    "person.added": "made the account",
    "person.edited": "changed the account",
    "person.invited": "made an invitation link",
    "session.closed": "signed out",
    "session.opened": "signed in",
    "team overview viewed": "looked at the team’s page",
    "analysis viewed": "looked at the transcript and drafts",
    "attempt decided": "decided on an attempt",
    "attempt viewed": "looked at an attempt",
    "call.deleted": "deleted the call",
    "call.edited": "changed what is said of the call",
    "call.listened": "listened to the recording",
    "call.transcript_edited": "corrected the transcript",
    "call.transcript_viewed": "read the transcript",
    "call.uploaded": "uploaded it",
    "call.run": "had it analysed again",
    "calls exported": "took calls away as a table",
    "comment made": "commented",
    "comment removed": "took a comment back",
    "contest decided": "decided a contested score",
    "example agreed": "agreed that it may be an example",
    "example taken back": "took back that it may be an example",
    "example viewed": "looked at it as an example",
    "exported": "took it away as a file",
    "notes viewed": "looked at the notes after the call",
    "notice acknowledged": "acknowledged the notice",
    "profile viewed": "looked at the profile",
    "reviews exported": "took people’s scores away as a file",
    "reviews viewed": "looked at people’s scores",
    "score contested": "contested a score",
    "score reviewed": "gave a score",
}
LOOKS = frozenset(
    {"analysis viewed", "attempt viewed", "call.listened", "call.transcript_viewed", "example viewed"}
    | {"call.viewed", "calibration viewed", "note viewed", "team overview viewed"}
    | {"exported", "calls exported", "reviews exported", "profile viewed", "reviews viewed"}
    | {"contest viewed", "notes viewed"}
)
"""Entries that are a look, not a change."""


def in_words(entry: EntryShown) -> str:
    """What was done, for the person it is about."""
    words = DONE.get(entry.action, entry.action.replace(".", " ").replace("_", " "))
    if entry.action == "analysis viewed" and entry.detail.get("scores") is False:
        words = "looked at the transcript, without drafts"
    if also := entry.detail.get("also"):
        words = "; ".join([words, *(DONE.get(one, one) for one in also)])
    dimension = entry.detail.get("dimension")
    return f"{words}: {str(dimension).replace('_', ' ')}" if dimension else words


@dataclass(frozen=True, slots=True)
class Score:
    """A dimension of one's own call: the draft's card, what people gave (newest last), contests of it."""

    dimension: str
    title: str
    card: Card | None
    given: tuple[ReviewOut, ...]
    contests: tuple[ContestOut, ...]

    @property
    def newest(self) -> ReviewOut | None:
        """What counts now."""
        return self.given[-1] if self.given else None

    @property
    def contestable(self) -> bool:
        """Whether a contest can be begun: a person gave it, and none is open. The API has the last word."""
        return bool(self.given) and all(one.decided_at is not None for one in self.contests)


def scores(
    cards: Sequence[Card],
    given: Sequence[ReviewOut],
    contests: Sequence[ContestOut],
    titles: Mapping[str, str],
) -> list[Score]:
    """Every dimension that has a draft or a person's score."""
    shown = {one.dimension: one for one in cards}
    names = list(dict.fromkeys([*shown, *(one.dimension for one in given)]))
    return [
        Score(
            dimension=name,
            title=shown[name].title
            if name in shown
            else titles.get(name, name.replace("_", " ").capitalize()),
            card=shown.get(name),
            given=tuple(one for one in given if one.dimension == name),
            contests=tuple(one for one in contests if one.dimension == name),
        )
        for name in names
    ]

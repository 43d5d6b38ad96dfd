"""Score an old result anew with the scorer installed now: a new document, and what differs from the old.

Only what a result holds is used, so nothing is heard or annotated again. An old result is never changed.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from models.call import Evidence, RepChoice, Transcript, Turn, Word
from models.errors import CallError
from models.framework import Framework
from service.analysis import NOT_ENGLISH, Found, draft
from service.result import Result, ScorePart, TranscriptPart, result

SCORED_BY = ("ridealong", "framework", "context", "scorer")


class NotAResult(CallError):
    """A file is no result of Ridealong that could be scored anew."""


def read_result(path: Path) -> Result:
    """The result in a file; raises NotAResult, saying what is wrong with it."""
    try:
        return Result.model_validate_json(path.read_bytes())
    except OSError as error:
        raise NotAResult(f"{path.name}: can't be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise NotAResult(
            f"{path.name}: is no result of `ridealong analyze` or `score` ({place}: {first['msg']})."
        ) from None


def rescored(old: Result, framework: Framework) -> Result:
    """The same call with drafts by what is installed now; raises NotAResult if it had none."""
    if old.scorecard is None:
        raise NotAResult(f"{old.source.name}: has no scores; `ridealong score` makes some.")
    choice = RepChoice(old.rep.label, old.rep.confidence, old.rep.method, old.rep.sure)
    cast = _transcript(old.transcript)
    evidence = tuple(
        Evidence(part.label, part.turn, part.start, part.stop, part.strength, part.source, part.attributes)
        for part in old.evidence
    )
    not_english = NOT_ENGLISH.format(language=cast.language or "not named")
    english = any(score.reason != not_english for score in old.scorecard.scores)
    analysis = draft(Found(cast, choice, evidence, english), framework)
    labels = {speaker.name: speaker.label for speaker in old.speakers}
    labelled = Transcript(
        cast.language, cast.duration, tuple(Turn(labels[turn.speaker], turn.words) for turn in cast.turns)
    )
    new = result(old.source, analysis, labelled, framework)
    # What made the transcript and the evidence is as old as they are.
    fresh = {name: new.versions[name] for name in SCORED_BY if name in new.versions}
    return new.model_copy(update={"warnings": old.warnings, "versions": {**old.versions, **fresh}})


def changes(old: Result, new: Result) -> Iterator[str]:
    """Lines that show each dimension before and after, and which versions scored it."""
    before = {score.dimension: score for score in old.scorecard.scores} if old.scorecard else {}
    yield f"before: {old.versions.get('framework', '?')}, scorer {old.versions.get('scorer', '?')}"
    yield f"after:  {new.versions.get('framework', '?')}, scorer {new.versions.get('scorer', '?')}"
    for score in new.scorecard.scores if new.scorecard else ():
        was, now = _told(before.get(score.dimension)), _told(score)
        yield f"{score.title}: {was} -> {now}" if was != now else f"{score.title}: {now}, as before"


def _told(score: ScorePart | None) -> str:
    if score is None:
        return "not in that framework"
    if score.value is None or score.interval is None:
        return "not scored"
    return f"{score.value} ({score.interval[0]}-{score.interval[1]})"


def _transcript(part: TranscriptPart) -> Transcript:
    turns = tuple(
        Turn(turn.speaker, tuple(Word(w.start, w.end, w.text, w.probability) for w in turn.words))
        for turn in part.turns
    )
    return Transcript(part.language, part.duration, turns)

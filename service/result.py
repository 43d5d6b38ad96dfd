"""The result as JSON: one versioned document for every command, and the schema it keeps to.

Times are seconds from the start of the call, null where a transcript had none. Evidence points at words
(`turn` counts turns from 0, `start` and `stop` count that turn's words, half-open); quotes and times are
rendered from them. Same input and versions give the same bytes: nothing here depends on the clock.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.call import Analysis, AttributeValue, DimensionScore, Evidence, Recording, Transcript, Turn
from models.contexts import coach_first
from models.framework import Framework

SCHEMA_ID = "https://ridealong.invalid/schema/analysis-1.json"

Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Index = Annotated[int, Field(ge=0)]
Score = Annotated[int, Field(ge=1, le=5)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourcePart(_Part):
    """The file that was analysed; the fields on sound are null for a transcript."""

    name: str
    kind: Literal["recording", "transcript"]
    sha256: str
    container: str | None = None
    codec: str | None = None
    sample_rate: Index | None = None
    channels: Index | None = None
    layout: str | None = None
    duration: Seconds | None = None


class SpeakerPart(_Part):
    """A speaker: the role used in this document, the label in the source, how much is said."""

    name: str
    label: str
    words: Index
    seconds: Seconds | None


class RepPart(_Part):
    """Which speaker was taken for the rep (its label in the source), how sure (0..1), on what ground."""

    label: str
    confidence: Share
    method: Literal["option", "label", "words"]
    sure: bool


class WordPart(_Part):
    """A word with its times and the recogniser's probability."""

    start: Seconds | None
    end: Seconds | None
    text: str
    probability: Share | None


class TurnPart(_Part):
    """Words of one speaker until another takes over."""

    speaker: str
    start: Seconds | None
    end: Seconds | None
    text: str
    words: list[WordPart]


class TranscriptPart(_Part):
    """What was said, by whom, when. `language` is an ISO 639-1 code."""

    language: str | None
    duration: Seconds | None
    turns: list[TurnPart]


class EvidencePart(_Part):
    """Something found in the call; `attributes` depend on the label (docs/annotators.md)."""

    label: str
    turn: Index
    start: Index
    stop: Index
    speaker: str
    quote: str
    start_time: Seconds | None
    end_time: Seconds | None
    strength: Share
    source: str
    attributes: dict[str, AttributeValue]


class ContributionPart(_Part):
    """How much a feature moved a score, in the scorer's own units; positive raises it."""

    feature: str
    value: float
    effect: float


class ScorePart(_Part):
    """The draft for one dimension. `value` is null when it is not scored, and `reason` says why.

    `evidence` holds positions in the document's `evidence`, strongest first. `emphasis` is the context's
    weight for the order in which dimensions are shown, 1 being ordinary; it has no part in the value.
    """

    dimension: str
    title: str
    emphasis: Annotated[float, Field(gt=0)] = 1.0
    value: Score | None
    interval: tuple[Score, Score] | None
    probabilities: list[Share]
    reason: str | None
    warnings: list[str]
    advice: str | None
    evidence: list[Index]
    contributions: list[ContributionPart]


class ContextPart(_Part):
    """The context whose words the scorecard is in; it has no part in the scores."""

    name: str
    title: str
    version: str


class ScorecardPart(_Part):
    """Draft scores for a person to review, in the order of the framework.

    `vocabulary` is what the framework calls the people in the call, by role. `coach_first` names scored
    dimensions with room to improve, those with most of it (times emphasis) first.
    """

    status: Literal["draft"] = "draft"
    framework: str
    framework_version: str
    model_version: str
    context: ContextPart | None = None
    vocabulary: dict[str, str] = Field(default_factory=dict)
    coach_first: list[str] = Field(default_factory=list)
    scores: list[ScorePart]


class Result(_Part):
    """What `ridealong analyze`, `annotate` and `score` say of one call; `annotate` leaves out scores."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID},
    )

    # Named `schema` in JSON; pydantic keeps that name for itself.
    schema_: Literal["ridealong.analysis/1"] = Field(alias="schema")
    source: SourcePart
    speakers: list[SpeakerPart]
    rep: RepPart
    transcript: TranscriptPart
    evidence: list[EvidencePart]
    features: dict[str, float | None] | None
    scorecard: ScorecardPart | None
    warnings: list[str]
    versions: dict[str, str]


def schema() -> dict[str, Any]:
    """The JSON schema of a result; docs/result.schema.json holds it."""
    return Result.model_json_schema(by_alias=True)


def to_json(result: Result, *, indent: int | None = None) -> str:
    """The document as JSON text, on one line unless `indent` is given; no trailing newline."""
    document = result.model_dump(mode="json", by_alias=True)
    return json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)


def recording_source(recording: Recording) -> SourcePart:
    """The source of a result that was made of a recording."""
    return SourcePart(
        name=recording.name,
        kind="recording",
        sha256=recording.sha256,
        container=recording.container,
        codec=recording.codec,
        sample_rate=recording.sample_rate,
        channels=recording.channels,
        layout=recording.layout,
        duration=recording.duration,
    )


def result(
    source: SourcePart, analysis: Analysis, labelled: Transcript, framework: Framework, *, scored: bool = True
) -> Result:
    """The document of an analysis.

    Args:
        source: the file.
        analysis: what was made of it.
        labelled: the transcript before roles were given, for the speakers' own labels.
        framework: names the dimensions.
        scored: whether features and scores are part of it.
    """
    return Result(
        schema="ridealong.analysis/1",
        source=source,
        speakers=_speakers(analysis.transcript, labelled),
        rep=RepPart(
            label=analysis.rep.speaker,
            confidence=round(analysis.rep.confidence, 4),
            method=analysis.rep.method,  # type: ignore[arg-type]  # validated here
            sure=analysis.rep.sure,
        ),
        transcript=_transcript(analysis.transcript),
        evidence=[_evidence(item, analysis.transcript) for item in analysis.evidence],
        features=_rounded(analysis.features) if scored else None,
        scorecard=_scorecard(analysis, framework) if scored else None,
        warnings=list(analysis.warnings),
        versions={**analysis.versions, **_context_version(framework)},
    )


def _rounded(features: Any) -> dict[str, float | None]:
    return {name: None if value is None else round(float(value), 4) for name, value in features.items()}


def _speakers(transcript: Transcript, labelled: Transcript) -> list[SpeakerPart]:
    labels = {
        turn.speaker: before.speaker for turn, before in zip(transcript.turns, labelled.turns, strict=True)
    }
    return [
        SpeakerPart(
            name=speaker,
            label=labels[speaker],
            words=sum(len(turn.words) for turn in transcript.turns if turn.speaker == speaker),
            seconds=_seconds(transcript, speaker),
        )
        for speaker in sorted(transcript.speakers, key=lambda name: (name != "rep", name))
    ]


def _seconds(transcript: Transcript, speaker: str) -> float | None:
    """Seconds of a speaker's words, pauses between them left out; None without times."""
    words = [word for turn in transcript.turns if turn.speaker == speaker for word in turn.words]
    spans = [word.end - word.start for word in words if word.start is not None and word.end is not None]
    return round(sum(spans), 2) if len(spans) == len(words) else None


def _transcript(transcript: Transcript) -> TranscriptPart:
    return TranscriptPart(
        language=transcript.language,
        duration=transcript.duration,
        turns=[_turn(turn) for turn in transcript.turns],
    )


def _turn(turn: Turn) -> TurnPart:
    words = [
        WordPart(start=word.start, end=word.end, text=word.text, probability=word.probability)
        for word in turn.words
    ]
    return TurnPart(speaker=turn.speaker, start=turn.start, end=turn.end, text=turn.text, words=words)


def _evidence(item: Evidence, transcript: Transcript) -> EvidencePart:
    turn = transcript.turns[item.turn]
    words = turn.words[item.start : item.stop]
    return EvidencePart(
        label=item.label,
        turn=item.turn,
        start=item.start,
        stop=item.stop,
        speaker=turn.speaker,
        quote=" ".join(word.text for word in words),
        start_time=words[0].start if words else None,
        end_time=words[-1].end if words else None,
        strength=round(item.strength, 4),
        source=item.source,
        attributes=dict(item.attributes),
    )


def _scorecard(analysis: Analysis, framework: Framework) -> ScorecardPart:
    card, context = analysis.scorecard, framework.context
    return ScorecardPart(
        framework=card.framework,
        framework_version=card.framework_version,
        model_version=card.model_version,
        context=ContextPart(name=context.id, title=context.title, version=context.version)
        if context
        else None,
        vocabulary=dict(framework.vocabulary),
        coach_first=list(coach_first(card.scores, framework.emphasis)),
        scores=[_score(score, framework) for score in card.scores],
    )


def _context_version(framework: Framework) -> dict[str, str]:
    context = framework.context
    return {"context": f"{context.id}-{context.version}"} if context else {}


def _score(score: DimensionScore, framework: Framework) -> ScorePart:
    return ScorePart(
        dimension=score.dimension,
        title=framework.dimension(score.dimension).title,
        emphasis=framework.emphasis[score.dimension],
        value=score.value,
        interval=score.interval,
        probabilities=[round(chance, 4) for chance in score.probabilities],
        reason=score.reason,
        warnings=list(score.warnings),
        advice=score.advice,
        evidence=list(score.evidence),
        contributions=[
            ContributionPart(feature=one.feature, value=round(one.value, 4), effect=round(one.effect, 4))
            for one in score.contributions
        ],
    )

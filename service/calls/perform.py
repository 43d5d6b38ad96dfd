"""What each stage of a call's analysis does; runs in a thread of a worker, knows nothing of the database."""

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from annotators import VERSION as ANNOTATORS_VERSION
from models.audio import Audio, decode
from models.call import Analysis, Transcript
from models.errors import UnknownFramework
from models.files import printable
from models.framework import Framework, load_framework
from models.heads import Heads, load_heads
from models.recogniser import Recogniser, Recognition, Whisper
from models.roles import assign_roles
from models.transcripts import read_transcript
from models.weights import whisper_weights
from service import analysis
from service.calls import stored
from service.calls.peaks import peaks
from service.learning.heads import heads_of
from service.result import Result, SourcePart, recording_source, result
from service.settings import Settings

LONGEST_NAME = 60  # characters; up to four bytes each, of the 255 that file systems take
OTHER_WEIGHTS = "The weights in use don't fit the framework as it is now; drafted by those that came with it."
Tell = Callable[[float], None]  # share done 0..1; raises to stop the work


@dataclass(frozen=True, slots=True)
class Task:
    """A call as its analysis needs it. `results` and `versions` are those of the stages that are done.

    `text` is the transcript of a call without sound, `revision` the newest transcript's number and body,
    `weights` the text of the weights in use, None for those that lie beside the framework.
    """

    name: str
    text: str | None
    language: str | None
    rep: str | None
    day: dt.date | None
    framework: str
    context: str | None
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0
    body: Mapping[str, Any] | None = None
    weights: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage made: what is stored of it, by which version, and what else the database gets to know."""

    result: dict[str, Any]
    version: str
    seconds: float | None = None
    transcript: dict[str, Any] | None = None
    document: Result | None = None
    waveform: dict[str, Any] | None = None


class Models:
    """The models of a worker process, each loaded once, when first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._recogniser: Recogniser | None = None
        self._loading = threading.Lock()
        self.language = threading.Lock()  # spaCy's pipelines are for one thread at a time

    def recogniser(self) -> Recogniser:
        """Whisper, as the settings say; may raise ModelMissing."""
        with self._loading:
            if self._recogniser is None:
                given = self._settings
                self._recogniser = Whisper(
                    whisper_weights(given.model), device=given.device, threads=given.threads
                )
            return self._recogniser


class Sound:
    """A call's recording, fetched and decoded when first needed, and kept for the stages that follow."""

    def __init__(self, fetch: Callable[[Path], None], folder: Path) -> None:
        """`fetch` copies the recording to a path; `folder` is where it may lie while it is decoded."""
        self._fetch = fetch
        self._folder = folder
        self._audio: Audio | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._audio is not None:
            self._audio.close()

    def audio(self, name: str, tell: Tell | None = None) -> Audio:
        """The decoded recording; `name` is what messages and results call it."""
        if self._audio is None:
            with TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as folder:
                path = Path(folder) / _file_name(name)
                self._fetch(path)
                self._audio = decode(path, progress=tell, folder=self._folder)
        return self._audio

    def text(self, name: str, text: str) -> Transcript:
        """The transcript that a call came as, read by the form of its file."""
        with TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as folder:
            path = Path(folder) / _file_name(name)
            path.write_text(text, encoding="utf-8")
            return read_transcript(path)


def _file_name(name: str) -> str:
    """A name that a file can have anywhere; its end says what it is."""
    return printable(Path(name).name).lstrip(".")[-LONGEST_NAME:] or "recording"


def perform(stage: str, task: Task, sound: Sound, models: Models, tell: Tell) -> Made:
    """Do one stage of a call.

    Raises:
        CallError: the call can't be analysed, or a model is missing; the message says what to do.
    """
    if stage == "decode":
        return _decode(task, sound, tell) if task.text is None else _read(task, task.text)
    if stage == "recognise":
        return _recognise(task, sound, models, tell) if task.text is None else Made({}, "transcript")
    if stage == "diarise":
        return _diarise(task, sound, tell) if task.text is None else _as_written(task, task.text, sound)
    if stage == "annotate":
        with models.language:
            return _annotate(task, tell)
    return _score(task)


def _decode(task: Task, sound: Sound, tell: Tell) -> Made:
    audio = sound.audio(task.name, tell)
    analysis.check_rep(audio, task.rep)
    recording = analysis.recording_of(audio)
    facts = {"recording": stored.recording_out(recording), "warnings": list(audio.warnings)}
    return Made(facts, analysis.decoder_version(), seconds=recording.duration, waveform=peaks(audio))


def _read(task: Task, text: str) -> Made:
    facts = {"name": printable(task.name), "sha256": hashlib.sha256(text.encode()).hexdigest()}
    return Made({"transcript": facts, "warnings": []}, "transcript")


def _recognise(task: Task, sound: Sound, models: Models, tell: Tell) -> Made:
    audio = sound.audio(task.name)
    engine = models.recogniser()
    heard = engine.recognise(audio, language=task.language, progress=tell)
    facts = {
        "language": heard.language,
        "language_probability": heard.language_probability,
        "speech": heard.speech,
        "channels": [stored.words_out(words) for words in heard.channels],
    }
    return Made(facts, engine.version)


def _diarise(task: Task, sound: Sound, tell: Tell) -> Made:
    heard = task.results["recognise"]
    recognition = Recognition(
        heard["language"],
        heard["language_probability"],
        tuple(stored.words_in(words) for words in heard["channels"]),
        heard["speech"],
    )
    spoken = analysis.attribute(sound.audio(task.name), recognition, tell)
    facts = {"confidence": spoken.confidence, "warnings": list(spoken.warnings)}
    return Made(facts, spoken.version, transcript=stored.transcript_out(spoken.transcript))


def _as_written(task: Task, text: str, sound: Sound) -> Made:
    transcript = stored.storable(sound.text(task.name, text))
    facts: dict[str, Any] = {"confidence": None, "warnings": []}
    body = stored.transcript_out(transcript)
    return Made(facts, "transcript", seconds=transcript.duration, transcript=body)


def _newest(task: Task) -> tuple[Transcript, str | None]:
    """The newest transcript, and the label of its rep where somebody has said who that is."""
    assert task.body is not None  # noqa: S101 - stages run in order
    return stored.transcript_in(task.body), stored.rep_of(task.body, task.rep)


def _annotate(task: Task, tell: Tell) -> Made:
    transcript, rep = _newest(task)
    tell(0.0)
    found = analysis.find(transcript, rep=rep, call_date=task.day)
    facts = {
        "revision": task.revision,
        "rep": stored.rep_out(found.rep),
        "english": found.english,
        "evidence": [stored.evidence_out(item) for item in found.evidence],
    }
    return Made(facts, ANNOTATORS_VERSION)


def _score(task: Task) -> Made:
    transcript, _ = _newest(task)
    framework = load_framework(task.framework, task.context)
    heads, doubts = _heads(framework, task.weights)
    found = task.results["annotate"]
    made = analysis.draft(
        analysis.Found(
            transcript=assign_roles(transcript, stored.rep_in(found["rep"])),
            rep=stored.rep_in(found["rep"]),
            evidence=tuple(stored.evidence_in(item) for item in found["evidence"]),
            english=found["english"],
        ),
        framework,
        versions=_versions(task),
        warnings=[
            *task.results["decode"]["warnings"],
            *task.results["diarise"]["warnings"],
            *doubts,
        ],
        heads=heads,
    )
    return Made({}, made.scorecard.model_version, document=_document(task, transcript, made, framework))


def _heads(framework: Framework, weights: str | None) -> tuple[Heads, list[str]]:
    """The heads to draft by; those shipped, with a warning, where the framework has changed since."""
    try:
        return heads_of(framework, weights), []
    except UnknownFramework:
        if weights is None:
            raise
        return load_heads(framework), [OTHER_WEIGHTS]


def _versions(task: Task) -> dict[str, str]:
    if task.text is not None:
        return {}
    names = {"decode": "decoder", "recognise": "recogniser", "diarise": "diariser"}
    return {called: task.versions[stage] for stage, called in names.items()}


def _document(task: Task, labelled: Transcript, made: Analysis, framework: Framework) -> Result:
    facts = task.results["decode"]
    if task.text is None:
        source = recording_source(stored.recording_in(facts["recording"]))
    else:
        known = facts["transcript"]
        source = SourcePart(
            name=known["name"], kind="transcript", sha256=known["sha256"], duration=labelled.duration
        )
    return result(source, made, labelled, framework)

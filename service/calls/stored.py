"""What stages hand to each other, as plain values for the database and back."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from models.call import Evidence, Recording, RepChoice, Transcript, Turn, Word

# PostgreSQL's text can't hold it, and no transcript means it.
_NUL = "\x00"


def words_out(words: tuple[Word, ...]) -> list[list[Any]]:
    """Words as lists: start, end, text, probability."""
    return [[word.start, word.end, word.text, word.probability] for word in words]


def words_in(values: list[list[Any]]) -> tuple[Word, ...]:
    """The words that `words_out` gave."""
    return tuple(Word(start, end, text, probability) for start, end, text, probability in values)


def transcript_out(transcript: Transcript) -> dict[str, Any]:
    """A transcript in the form of our JSON transcripts, every word with its times."""
    return {
        "language": transcript.language,
        "duration": transcript.duration,
        "turns": [
            {"speaker": turn.speaker, "words": [_word_out(word) for word in turn.words]}
            for turn in transcript.turns
        ],
    }


def _word_out(word: Word) -> dict[str, Any]:
    return {"start": word.start, "end": word.end, "text": word.text, "probability": word.probability}


def transcript_in(values: Mapping[str, Any]) -> Transcript:
    """The transcript that `transcript_out` gave."""
    return Transcript(
        values["language"],
        values["duration"],
        tuple(
            Turn(
                turn["speaker"],
                tuple(
                    Word(word["start"], word["end"], word["text"], word["probability"])
                    for word in turn["words"]
                ),
            )
            for turn in values["turns"]
        ),
    )


def rep_of(body: Mapping[str, Any], said: str | None) -> str | None:
    """The label of the rep that a stored transcript goes by, None for "find out".

    `said` is what the call's metadata say. Who edited the transcript knew that, and had the last word unless
    the metadata have changed since.
    """
    if "rep" in body and body.get("rep_said") == said:
        found: str | None = body["rep"]
        return found
    return said


def storable(transcript: Transcript) -> Transcript:
    """The transcript without the one character that the database can't hold."""
    turns = tuple(
        Turn(
            turn.speaker.replace(_NUL, ""),
            tuple(dataclasses.replace(word, text=word.text.replace(_NUL, "")) for word in turn.words),
        )
        for turn in transcript.turns
    )
    return dataclasses.replace(transcript, turns=turns)


def recording_out(recording: Recording) -> dict[str, Any]:
    """A recording's facts by name."""
    return dataclasses.asdict(recording)


def recording_in(values: Mapping[str, Any]) -> Recording:
    """The recording that `recording_out` gave."""
    return Recording(**values)


def rep_out(rep: RepChoice) -> dict[str, Any]:
    """The choice of the rep by name."""
    return dataclasses.asdict(rep)


def rep_in(values: Mapping[str, Any]) -> RepChoice:
    """The choice that `rep_out` gave."""
    return RepChoice(**values)


def evidence_out(item: Evidence) -> dict[str, Any]:
    """A piece of evidence by name."""
    return {**dataclasses.asdict(item), "attributes": dict(item.attributes)}


def evidence_in(values: Mapping[str, Any]) -> Evidence:
    """The evidence that `evidence_out` gave."""
    return Evidence(**values)

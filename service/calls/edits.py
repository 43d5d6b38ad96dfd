"""Edits of a transcript by people: which words kept their times, which speaker is who. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import chain

from models.call import Transcript, Turn, Word
from service.problems import Unusable

MOST_WORDS = 200_000
MOST_TURNS = 20_000
LONGEST_WORD = 200
LONGEST_LABEL = 100
# Between texts longer than this the commonest words are no landmarks: comparing them all takes minutes.
LONG = 5_000


@dataclass(frozen=True, slots=True)
class Said:
    """A turn as somebody wrote it."""

    speaker: str
    text: str


def edited(before: Transcript, turns: Sequence[Said]) -> Transcript:
    """The transcript with its turns as written; words that were there before keep times and probability.

    Words that replace others share out their time; words put in between get the gap they stand in, without a
    probability. Turns without words are left out.

    Raises:
        Unusable: nobody says anything, or something is longer than any call.
    """
    if len(turns) > MOST_TURNS:
        raise Unusable(f"turns: more than {MOST_TURNS}; a call has fewer.")
    written = [(_label(turn.speaker), storable(turn.text).split()) for turn in turns]
    new = list(chain.from_iterable(words for _, words in written))
    if not new:
        raise Unusable("turns: nobody says anything; leave at least one word.")
    if len(new) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in new):
        raise Unusable(f"turns: more than {MOST_WORDS} words, or one longer than {LONGEST_WORD} letters.")
    timed = iter(_timed([word for turn in before.turns for word in turn.words], new))
    made = tuple(Turn(speaker, tuple(next(timed) for _ in words)) for speaker, words in written if words)
    return replace(before, turns=made)


def relabelled(transcript: Transcript, labels: Mapping[str, str]) -> Transcript:
    """The transcript with speakers renamed, all at once, so that two can be swapped.

    Raises:
        Unusable: one of them doesn't speak.
    """
    for label in labels:
        if label not in transcript.speakers:
            known = ", ".join(transcript.speakers)
            raise Unusable(f"speakers: nobody is called {label!r}; choose of {known}.")
    turns = tuple(
        replace(turn, speaker=_label(labels.get(turn.speaker, turn.speaker))) for turn in transcript.turns
    )
    return replace(transcript, turns=turns)


def rep_after(before: Transcript, after: Transcript, rep: str | None, asked: str | None) -> str | None:
    """The label of the rep after an edit: who is asked for, else who it was, under the new name if renamed.

    A label that is still there stays the rep's, so that swapping two labels swaps the roles.

    Raises:
        Unusable: who is asked for doesn't speak.
    """
    if asked is not None:
        if asked not in after.speakers:
            raise Unusable(f"rep: nobody is called {asked!r}; choose of {', '.join(after.speakers)}.")
        return asked
    if rep is None or rep in after.speakers:
        return rep
    starts = {(word.start, word.text) for turn in before.turns if turn.speaker == rep for word in turn.words}
    shared = {
        speaker: sum(
            (w.start, w.text) in starts for t in after.turns if t.speaker == speaker for w in t.words
        )
        for speaker in after.speakers
    }
    best = max(shared, key=lambda speaker: shared[speaker])
    return best if shared[best] else None


def storable(text: str) -> str:
    """The text without what a database can't hold: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _label(text: str) -> str:
    label = " ".join(storable(text).split())
    if not label or len(label) > LONGEST_LABEL:
        raise Unusable(f"speaker: a name of 1 to {LONGEST_LABEL} letters is needed.")
    return label


def _timed(old: Sequence[Word], new: Sequence[str]) -> list[Word]:
    """New words with the times of the old ones they stand for."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(
        None, [word.text for word in middle_old], middle_new, autojunk=len(middle_old) > LONG
    )
    made = list(old[:head])
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            made += middle_old[a:b]
        elif kind == "replace" and b - a == d - c:
            made += [
                replace(word, text=text, probability=None)
                for word, text in zip(middle_old[a:b], middle_new[c:d], strict=True)
            ]
        elif kind != "delete":
            made += _spread(middle_new[c:d], *_gap(old, head + a, head + b))
    return made + list(old[len(old) - tail :] if tail else ())


def _common(old: Sequence[Word], new: Sequence[str]) -> int:
    return next(
        (at for at, (word, text) in enumerate(zip(old, new, strict=False)) if word.text != text),
        min(len(old), len(new)),
    )


def _gap(old: Sequence[Word], start: int, stop: int) -> tuple[float | None, float | None]:
    """The time of old words start..stop, or of the pause where there are none; None without times."""
    if start < stop:
        return old[start].start, old[stop - 1].end
    before = old[start - 1].end if start else None
    after = old[start].start if start < len(old) else None
    begin = before if before is not None else after
    end = after if after is not None else before
    if begin is None or end is None:
        return None, None
    return begin, max(begin, end)


def _spread(texts: Sequence[str], start: float | None, end: float | None) -> list[Word]:
    """Words that share out a stretch of time evenly."""
    if start is None or end is None:
        return [Word(None, None, text) for text in texts]
    step = max(end - start, 0.0) / len(texts)
    edges = [start, *(round(start + at * step, 3) for at in range(1, len(texts))), end]
    return [Word(begin, stop, text) for text, begin, stop in zip(texts, edges, edges[1:], strict=False)]

"""Places in a call that show what a score rests on where nothing else was found.

A 1 for the next step rests on how the call ended, a 1 for discovery on how it began and on what the rep
said instead of asking. Landmarks are evidence like any other: positions a player can seek to.
"""

from models.call import REP, Evidence, Transcript

SOURCE = "landmarks"
SHOWN = 40  # words; enough to hear the place, short enough to quote
CLOSING_TURNS = 2


def landmarks(transcript: Transcript) -> tuple[Evidence, ...]:
    """The rep's first words (`opening`), longest turn (`monologue`) and last two turns (`close`).

    To be added to the annotators' evidence before scoring. Each spans up to 40 words: the first of the
    opening and the monologue, the last of a closing turn. Empty where no speaker is the rep.
    """
    spoken = [i for i, turn in enumerate(transcript.turns) if turn.speaker == REP and turn.words]
    if not spoken:
        return ()
    longest = max(spoken, key=lambda i: (len(transcript.turns[i].words), -i))
    found = [_head(transcript, "opening", spoken[0]), _head(transcript, "monologue", longest)]
    found += [_tail(transcript, "close", turn) for turn in spoken[-CLOSING_TURNS:]]
    return tuple(sorted(found, key=lambda item: (item.turn, item.start, item.label)))


def _head(transcript: Transcript, label: str, turn: int) -> Evidence:
    return Evidence(label, turn, 0, min(SHOWN, len(transcript.turns[turn].words)), source=SOURCE)


def _tail(transcript: Transcript, label: str, turn: int) -> Evidence:
    length = len(transcript.turns[turn].words)
    return Evidence(label, turn, max(0, length - SHOWN), length, source=SOURCE)

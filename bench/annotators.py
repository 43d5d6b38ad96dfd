"""Words per second of all annotators, against plain en_core_web_sm on the same words in the same run.

Run it as `python -m bench.annotators [--words 9000] [--runs 5]` from the repository root.
"""

import argparse
import os
import time
from collections.abc import Callable
from itertools import cycle, islice

os.environ.setdefault("OMP_NUM_THREADS", "1")

import spacy
from spacy.tokens import Doc

import annotators
from annotators.document import MODEL, build_doc
from models.call import BUYER, REP, Transcript, Turn, Word
from training.datasets import labelled_calls

HOUR = 9000  # words of a one-hour call
EXCHANGE = (
    (REP, "Thanks for joining. Um, before I show you anything, I'd love to hear how your team works today."),
    (BUYER, "Sure. So everything lives in spreadsheets, and we lose about two days a month to it, honestly."),
    (REP, "Got it. And what does that cost you in practice? Who else is affected by this?"),
    (
        BUYER,
        "Finance, mostly. Our operations director signs off, but that's quite a bit more than I expected.",
    ),
    (
        REP,
        "I understand. We have a native integration, so you'd save eight hours a week, four days a month.",
    ),
    (
        BUYER,
        "okay but i need to talk to my boss first and we got burned by another vendor two years ago you know",
    ),
    (REP, "Fair enough. I'll send you the proposal by Friday. Does Tuesday at ten work for you?"),
    (BUYER, "Tuesday works. I'll get you the list by the end of next week, and then we can decide."),
)


def call_of(words: int) -> Transcript:
    """A call of about so many words, with something for every annotator in it."""
    turns: list[Turn] = []
    count = 0
    for speaker, said in islice(cycle(EXCHANGE), words):
        turns.append(Turn(speaker, tuple(Word(None, None, word) for word in said.split())))
        count += len(turns[-1].words)
        if count >= words:
            break
    return Transcript("en", None, tuple(turns))


def of_ours(words: int) -> Transcript:
    """Held-out calls of training/data one after the other, as if they were one: less dense than `call_of`."""
    turns = (turn for call in labelled_calls() if call.held_out for turn in call.transcript.turns)
    taken, count = [], 0
    while count < words:
        taken.append(next(turns))
        count += len(taken[-1].words)
    return Transcript("en", None, tuple(taken))


def seconds(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """Wall and processor time of the fastest of several runs, after one to warm up.

    On a machine that does other things, too, only the processor time compares.
    """
    work()
    taken = []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - wall, time.process_time() - processor))
    return min(wall for wall, _ in taken), min(processor for _, processor in taken)


def main() -> None:
    """Print the table, and how the time grows with the length of the call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=HOUR)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    call = call_of(options.words)
    count = sum(len(turn.words) for turn in call.turns)
    plain = spacy.load(MODEL)
    full = annotators.pipeline()

    def tagged() -> Doc:
        return plain(build_doc(plain, call))

    ours = of_ours(options.words)
    rows = {
        "plain en_core_web_sm": seconds(tagged, options.runs),
        "all annotators": seconds(lambda: annotators.annotate(call), options.runs),
        "the same, calls of ours": seconds(lambda: annotators.annotate(ours), options.runs),
    }
    print(f"{count} words, {len(call.turns)} turns, best of {options.runs} runs, one thread")
    for name, (wall, processor) in rows.items():
        print(f"{name:24} {wall:6.2f} s wall {processor:6.2f} s processor {count / processor:9.0f} words/s")
    _, twice = seconds(lambda: annotators.annotate(call_of(2 * options.words)), options.runs)
    print(f"twice the words: {twice / rows['all annotators'][1]:.2f} times the processor time")
    doc = build_doc(full, call)
    for name, component in full.pipeline:
        begin = time.process_time()
        doc = component(doc)
        print(f"  {name:24} {time.process_time() - begin:6.3f} s")


if __name__ == "__main__":
    main()

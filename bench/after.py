"""How long does everything after recognition take for a call of an hour?

    python -m bench.after [--words 9000]

Annotating, features and scoring of the sample calls' words in a loop, after one warm-up call; against plain
en_core_web_sm on the same text in the same run.
"""

import argparse
import json
import time
from itertools import cycle, islice

from annotators.document import load_model
from bench.corpus import SAMPLES
from models.call import Transcript, Turn, Word
from models.framework import load_framework
from service.analysis import analyse

SECONDS_PER_WORD = 0.4  # 150 words a minute


def call(words: int) -> Transcript:
    """A transcript of about so many words, with times."""
    files = sorted(SAMPLES.glob("*/reference.json"))
    said = cycle([turn for file in files for turn in json.loads(file.read_text())["turns"]])
    turns = []
    count = 0
    while count < words:
        turn = next(said)
        texts = turn["text"].split()
        spoken = tuple(
            Word((count + i) * SECONDS_PER_WORD, (count + i + 0.9) * SECONDS_PER_WORD, text, 0.9)
            for i, text in enumerate(texts)
        )
        turns.append(Turn(turn["speaker"], spoken))
        count += len(texts)
    return Transcript("en", count * SECONDS_PER_WORD, tuple(turns))


def main() -> None:
    """Time it and print seconds and the ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=int, default=9000)
    arguments = parser.parse_args()
    framework = load_framework()
    nlp = load_model()
    analyse(call(200), framework)
    long = call(arguments.words)
    texts = list(islice((turn.text for turn in long.turns), None))
    started, worked = time.perf_counter(), time.process_time()
    for _ in nlp.pipe(texts):
        pass
    plain, plain_work = time.perf_counter() - started, time.process_time() - worked
    stages: dict[str, float] = {}
    started, worked = time.perf_counter(), time.process_time()
    analyse(
        long,
        framework,
        progress=lambda stage, _share: stages.__setitem__(stage, time.perf_counter() - started),
    )
    total, work = time.perf_counter() - started, time.process_time() - worked
    words = sum(len(turn.words) for turn in long.turns)
    print(f"{words} words: {total:.2f} s after recognition, {work:.2f} s of processor time")
    print(f"({stages['annotate']:.2f} s of it to annotate)")
    print(f"plain en_core_web_sm on the same text: {plain:.2f} s, {plain_work:.2f} s of processor time")
    print(f"ratio {total / plain:.2f}, of processor time {work / plain_work:.2f}")


if __name__ == "__main__":
    main()

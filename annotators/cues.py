"""What linear models see of a stretch of talk: its words, how it begins and ends, its tags.

Cues are texts (see annotators/linear.py). Components add their own: who spoke before, which phrases of their
pattern files are there.
"""

from itertools import pairwise

from annotators.utterances import Utterance


def phrase_cues(utterance: Utterance, first: int = 0, last: int | None = None) -> set[str]:
    """Cues of the half-open token range; one of them says that there are no tokens.

    `w`, `w w`, `w w w`: words in a row. `^...` and `...$`: the first one to four and the last one to three.
    `t^...`, `...t$`: the same of Penn tags. `m^`: the first word and the tags after it. `end:` the mark.
    `size:` tokens, in steps.
    """
    stop = len(utterance.tokens) if last is None else last
    words, tags = utterance.tokens[first:stop], utterance.tags[first:stop]
    size = len(words)
    if not size:
        return {"nothing"}
    ending = utterance.ending if stop == len(utterance.tokens) else ""
    cues = {*words, f"end:{ending}", f"size:{_step(size)}"}
    cues.update(f"{one} {two}" for one, two in pairwise(words))
    cues.update(f"{one} {two} {three}" for one, two, three in zip(words, words[1:], words[2:], strict=False))
    for count in range(1, 5):
        cues.add("^" + " ".join(words[:count]))
        cues.add("t^" + " ".join(tags[:count]))
    for count in range(1, 4):
        cues.add(" ".join(words[-count:]) + "$")
    cues.add(" ".join(tags[-3:]) + "t$")
    cues.add(f"m^{words[0]} " + " ".join(tags[1:3]))
    return cues


def _step(size: int) -> int:
    return size if size < 8 else 8 if size < 12 else 12 if size < 20 else 20

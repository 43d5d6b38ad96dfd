"""Where a new utterance begins among words without punctuation: a small linear model.

Few cues settle most places; the others are looked up only where those leave it open, which keeps a call
without any punctuation cheap.
"""

from collections.abc import Mapping, Sequence
from math import exp

from annotators.linear import derived, load

NAME = "boundaries"
BEGINS, GOES_ON = "begins", "goes on"
# Log-odds below which the cues not looked up yet are left out: of the places that all cues together call a
# boundary, about one in a hundred is lost.
_OPEN_AT_FIRST, _OPEN_THEN = -3.0, -3.0
_OUTSIDE = "#"


def place_cues(tokens: Sequence[str], tags: Sequence[str], breaks: Sequence[bool], place: int) -> list[str]:
    """Everything the model sees of the place before token `place`, 1 or more."""
    return [
        *_first_cues(tokens, tags, place),
        *_near_cues(tokens, tags, breaks, place),
        *_wide_cues(tokens, tags, place),
    ]


def _first_cues(tokens: Sequence[str], tags: Sequence[str], place: int) -> tuple[str, ...]:
    return f"b {tokens[place - 1]}", f"w {tokens[place]}", f"t {tags[place - 1]} {tags[place]}"


def _near_cues(
    tokens: Sequence[str], tags: Sequence[str], breaks: Sequence[bool], place: int
) -> tuple[str, ...]:
    """The two words on either side together, and a comma between them."""
    before, word, tag = tokens[place - 1], tokens[place], tags[place]
    after = tokens[place + 1] if place + 1 < len(tokens) else _OUTSIDE
    comma = (f"k {tag}", f"k {word}", "k") if breaks[place - 1] else ()
    return (
        f"bw {before} {word}", f"wa {word} {after}", f"bt {before} {tag}", f"tw {tags[place - 1]} {word}",
        *comma,
    )  # fmt: skip


def _wide_cues(tokens: Sequence[str], tags: Sequence[str], place: int) -> tuple[str, ...]:
    """Two words before, three from the place on, and how far the stretch's ends are."""
    size = len(tokens)
    before, word = tokens[place - 1], tokens[place]
    earlier, tag_earlier = (tokens[place - 2], tags[place - 2]) if place > 1 else (_OUTSIDE, _OUTSIDE)
    after, tag_after = (tokens[place + 1], tags[place + 1]) if place + 1 < size else (_OUTSIDE, _OUTSIDE)
    later = tokens[place + 2] if place + 2 < size else _OUTSIDE
    tag_before, tag = tags[place - 1], tags[place]
    return (
        f"+1 {after}", f"+2 {later}", f"-- {earlier} {before}", f"-= {earlier} {before} {word}",
        f"=+ {before} {word} {after}", f"t-- {tag_earlier} {tag_before}", f"t++ {tag} {tag_after}",
        f"t=+ {tag_before} {tag} {tag_after}", f"from {min(place, 4)}", f"to {min(size - place, 4)}",
    )  # fmt: skip


def boundary_chances(tokens: Sequence[str], tags: Sequence[str], breaks: Sequence[bool]) -> list[float]:
    """For each token how likely an utterance begins with it, 0..1; nought for the first one."""
    odds, bias = _odds()
    known = odds.get
    chances = [0.0] * len(tokens)
    for place in range(1, len(tokens)):
        score = bias
        for cue in _first_cues(tokens, tags, place):
            score += known(cue, 0.0)
        if score < _OPEN_AT_FIRST:
            continue
        for cue in _near_cues(tokens, tags, breaks, place):
            score += known(cue, 0.0)
        if score < _OPEN_THEN:
            continue
        for cue in _wide_cues(tokens, tags, place):
            score += known(cue, 0.0)
        chances[place] = 1 / (1 + exp(-max(-30.0, min(30.0, score))))
    return chances


@derived
def _odds() -> tuple[Mapping[str, float], float]:
    """The model as one number a cue, for "begins" against "goes on"."""
    model = load(NAME)
    yes, no = model.classes.index(BEGINS), model.classes.index(GOES_ON)
    column = (model.weights[:, yes] - model.weights[:, no]).tolist()
    return {cue: column[row] for cue, row in model.rows.items()}, float(model.bias[yes] - model.bias[no])

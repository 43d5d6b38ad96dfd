"""How well are our own calls annotated? Figures by task, the annotators against each reader.

The same functions compare one reader with the other: what they reach is about what can be reached.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import annotators
from annotators.document import build_doc
from annotators.scoring import Confusion, Counts, covered, pair
from annotators.step_joins import content
from annotators.utterances import clauses, utterances
from models.call import REP, AttributeValue, Evidence, Transcript
from training.datasets import LabelledCall, without_punctuation
from training.marks import Mark

Spans = Sequence[Mark] | Sequence[Evidence]
FEWEST = 5  # cases a class must have to count in a macro mean
NEITHER = "neither"
UNMARKED = frozenset({"feature", "outcome", "filler", "hedge", "name_use", "business_term"})  # or by clause


@dataclass(slots=True)
class Figures:
    """Counts by task; `confusions` hold the attributes of what was found."""

    counts: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    confusions: defaultdict[str, Confusion] = field(default_factory=lambda: defaultdict(Confusion))

    def values(self) -> dict[str, float]:
        """Every figure by its name: F1 for tasks, macro-F1 and accuracy for attributes."""
        found = {f"{task} F1": count.f1 for task, count in sorted(self.counts.items())}
        for task, confusion in sorted(self.confusions.items()):
            found[f"{task} accuracy"] = confusion.accuracy
            found[f"{task} macro-F1"] = confusion.macro_f1(FEWEST)
        return found


def measure(calls: Iterable[LabelledCall], *, stripped: bool = False) -> Figures:
    """The annotators against every reader of every call; `stripped` takes case and punctuation away first."""
    figures = Figures()
    for call in calls:
        transcript = without_punctuation(call.transcript) if stripped else call.transcript
        found = annotators.annotate(transcript, call_date=call.day)
        stretches = rep_clauses(transcript)
        for reading in call.readings:
            compare(figures, reading.marks, found, stretches)
    return figures


def agreement(calls: Iterable[LabelledCall]) -> Figures:
    """The second reader of every call against the first."""
    figures = Figures()
    for call in calls:
        if len(call.readings) > 1:
            first, second = call.readings[:2]
            compare(figures, first.marks, second.marks, rep_clauses(call.transcript))
    return figures


def rep_clauses(transcript: Transcript) -> list[tuple[int, int, int]]:
    """Turn, start and stop of every clause of the rep, as the annotators cut them."""
    nlp = annotators.pipeline()
    doc = build_doc(nlp, transcript)
    for name in ("ridealong_tags", "ridealong_utterances"):
        doc = nlp.get_pipe(name)(doc)
    return [
        (utterance.turn, *utterance.words(first, last))
        for utterance in utterances(doc)
        if utterance.speaker == REP
        for first, last in clauses(utterance)
    ]


def compare(figures: Figures, truth: Spans, found: Spans, stretches: Sequence[tuple[int, int, int]]) -> None:
    """Count one call into `figures`."""
    for label in sorted({item.label for item in (*truth, *found)} - UNMARKED):
        _, counts = pair(_of(truth, label), _of(found, label))
        figures.counts[label] += counts
    _questions(figures, truth, found)
    _next_steps(figures, truth, found)
    _objections(figures, truth, found)
    _responses(figures, truth, found)
    _clauses(figures, truth, found, stretches)


def _of(
    spans: Spans, label: str, test: Callable[[Mark | Evidence], bool] | None = None
) -> list[Mark | Evidence]:
    return [item for item in spans if item.label == label and (test is None or test(item))]


def _questions(figures: Figures, truth: Spans, found: Spans) -> None:
    for one, other in pair(_of(truth, "question"), _of(found, "question"))[0]:
        figures.confusions["form"].add(one.attributes["form"], other.attributes["form"])
    pairs, counts = pair(
        _of(truth, "question", lambda item: bool(item.attributes["discovery"])),
        _of(found, "question", lambda item: bool(item.attributes["discovery"])),
    )
    figures.counts["discovery question"] += counts
    for one, other in pairs:
        for name in ("topic", "probing", "impact"):
            figures.confusions[name].add(one.attributes[name], other.attributes[name])


def _next_steps(figures: Figures, truth: Spans, found: Spans) -> None:
    pairs, counts = pair(_of(truth, "next_step"), _of(found, "next_step"))
    right = named = 0
    for one, other in pairs:
        for name in ("owner", "agreed", "vague"):
            figures.confusions[f"step {name}"].add(one.attributes[name], other.attributes[name])
        if one.attributes["date"]:
            figures.confusions["step date"].add(one.attributes["date"], other.attributes["date"])
        same = all(one.attributes[name] == other.attributes[name] for name in ("owner", "date"))
        right += same
        told = is_same_action(one.attributes["action"], other.attributes["action"])
        figures.confusions["step action"].add(True, told)
        named += same and told
    figures.counts["next_step, owner and date right"] += _only(counts, right)
    figures.counts["next_step, action, owner and date right"] += _only(counts, named)


def _only(counts: Counts, right: int) -> Counts:
    """The counts if hits that aren't right are none."""
    wrong = counts.hits - right
    return Counts(right, counts.false + wrong, counts.missed + wrong)


def is_same_action(one: AttributeValue, other: AttributeValue) -> bool:
    """Whether two descriptions share half the telling words of the shorter one ("send the new quote")."""
    words = [content(str(text or "").lower().split()) for text in (one, other)]
    return 2 * len(words[0] & words[1]) >= min(map(len, words)) > 0


def _objections(figures: Figures, truth: Spans, found: Spans) -> None:
    for one, other in pair(_of(truth, "objection"), _of(found, "objection"))[0]:
        for name in ("kind", "status"):
            figures.confusions[f"objection {name}"].add(one.attributes[name], other.attributes[name])


def _responses(figures: Figures, truth: Spans, found: Spans) -> None:
    for one, other in pair(_of(truth, "response"), _of(found, "response"))[0]:
        figures.confusions["move"].add(one.attributes["move"], other.attributes["move"])


def _clauses(figures: Figures, truth: Spans, found: Spans, stretches: Sequence[tuple[int, int, int]]) -> None:
    sides = [_talk(truth), _talk(found)]
    for turn, start, stop in stretches:
        one, other = (_clause_label(side, turn, start, stop) for side in sides)
        figures.confusions["clause"].add(one, other)


def _talk(spans: Spans) -> Mapping[tuple[str, int], list[Mark | Evidence]]:
    by_place: defaultdict[tuple[str, int], list[Mark | Evidence]] = defaultdict(list)
    for item in spans:
        by_place[item.label, item.turn].append(item)
    return by_place


def _clause_label(
    spans: Mapping[tuple[str, int], list[Mark | Evidence]], turn: int, start: int, stop: int
) -> str:
    """The label of most of a clause's words; outcome before feature where both lie on it."""
    shares = {
        label: covered(spans.get((label, turn), ()), turn, start, stop) for label in ("outcome", "feature")
    }
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] >= 0.5 else NEITHER


def table(columns: Mapping[str, Figures]) -> Iterator[str]:
    """Lines of a table: a figure a line, a column for each set of figures."""
    values = {name: figures.values() for name, figures in columns.items()}
    rows = dict.fromkeys(row for column in values.values() for row in column)
    width = max((len(row) for row in rows), default=0)
    yield " " * width + "".join(f"  {name:>15}" for name in values)
    for row in rows:
        cells = (f"{column[row]:15.3f}" if row in column else " " * 15 for column in values.values())
        yield f"{row:{width}}" + "".join(f"  {cell}" for cell in cells)

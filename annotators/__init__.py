"""spaCy components that find one kind of thing each and say where."""

import datetime as dt
from functools import lru_cache
from importlib import import_module

import spacy
from spacy.language import Language

from annotators.document import build_doc, evidence
from models.call import Evidence, RepChoice, Transcript

VERSION = "0.14.0"

# The one list, in the order they run. A component `ridealong_<name>` lives in `annotators/<name>.py`.
ANNOTATORS: tuple[str, ...] = (
    "tags",
    "utterances",
    "framing",
    "questions",
    "discovery",
    "next_steps",
    "trial_closes",
    "delivery",
    "names",
    "vocabulary",
    "stories",
    "value_talk",
    "roi",
    "stakeholders",
    "objections",
    "responses",
)

# Which component writes which label.
LABELS: dict[str, str] = {
    "question": "discovery",
    "next_step": "next_steps",
    "trial_close": "trial_closes",
    "agenda": "framing",
    "recap": "framing",
    "filler": "delivery",
    "hedge": "delivery",
    "name_use": "names",
    "business_term": "vocabulary",
    "feature": "value_talk",
    "outcome": "value_talk",
    "story": "stories",
    "roi": "roi",
    "stakeholder": "stakeholders",
    "objection": "responses",
    "response": "responses",
}


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """English tokens with every annotator behind them; loaded once a process.

    Raises ModelMissing when the language model is not installed.
    """
    nlp = spacy.blank("en")
    for name in ANNOTATORS:
        import_module(f"annotators.{name}")
        nlp.add_pipe(f"ridealong_{name}")
    return nlp


def annotate(
    transcript: Transcript, *, call_date: dt.date | None = None, choice: RepChoice | None = None
) -> tuple[Evidence, ...]:
    """Everything the annotators find in a call, sorted by turn, first word and label.

    `call_date` is the day of the call; dates like "next Tuesday" are resolved against it. `choice` is how
    the rep was chosen: inferred from what is said, it may be no sales call at all. Takes any text in any
    language and never raises for what was said; raises ModelMissing without the language model.
    """
    nlp = pipeline()
    doc = nlp(build_doc(nlp, transcript, call_date, choice))
    return tuple(
        sorted(evidence(doc, LABELS), key=lambda item: (item.turn, item.start, item.label, item.stop))
    )

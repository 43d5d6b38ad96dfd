"""One step a trained model: `train(calls, corpora)` makes a linear model, or a network, of labelled data."""

from pathlib import Path

from annotators import linear, reader
from annotators.linear import LinearModel
from annotators.reader import Reader

# In this order: each learns on top of what those before it find.
STEPS: tuple[str, ...] = (
    "boundaries",
    "questions",
    "questions_of_any",
    "question_reader",
    "question_form",
    "discovery",
    "discovery_topic",
    "probing",
    "impact",
    "agenda",
    "recap",
    "next_steps",
    "step_joins",
    "step_owner",
    "step_vague",
    "step_action",
    "commitments",
    "commitment_reader",
    "talk",
    "talk_reader",
    "outcome_link",
    "roi",
    "stakeholders",
    "objections",
    "objection_kind",
    "responses",
    "objection_status",
)


def store(model: LinearModel | Reader, folder: Path = linear.FOLDER) -> Path:
    """Write what a step made beside the others; returns the file."""
    return linear.save(model, folder) if isinstance(model, LinearModel) else reader.save(model, folder)

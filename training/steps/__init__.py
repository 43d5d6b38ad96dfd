"""One step a trained model: `train(calls, corpora)` makes a linear model, or a network, of labelled data."""

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from annotators import linear, reader
from annotators.call_reader import CallReader
from annotators.call_reader import save as save_call_reader  # a step has the module's name
from annotators.linear import LinearModel
from annotators.reader import Reader
from training.datasets import LabelledCall
from training.exchanges import grafted
from training.scenes import scenes

Model = LinearModel | Reader | CallReader

# In this order: each learns on top of what those before it find.
STEPS: tuple[str, ...] = (
    "call_reader",
    "boundaries",
    "questions",
    "questions_of_any",
    "question_reader",
    "question_form",
    "question_form_of_any",
    "discovery",
    "probing",
    "impact",
    "discovery_topic",
    "second_look",
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
    "outcome_link",
    "roi",
    "stakeholders",
    "objections",
    "objection_kind",
    "responses",
    "objection_status",
    "objection_look",
)

# Steps for calls whose rep nobody knows.
OF_ANY_TALK = frozenset(
    {"questions_of_any", "question_reader", "question_form_of_any", "commitments", "commitment_reader"}
)

# Steps that learn from the scenes, too. Others do worse with them: their marks are cut and weighed otherwise.
WITH_SCENES = frozenset({"call_reader", "discovery_topic", "second_look", "roi"})
# Steps that learn from the exchanges on what comes next.
WITH_EXCHANGES = frozenset(
    {"call_reader", "next_steps", "step_joins", "step_owner", "step_vague", "step_action"}
)


def fitted(name: str, calls: Sequence[LabelledCall], corpora: Path | None, *, figures: bool = False) -> Model:
    """What a step makes of these calls, and of the scenes or exchanges where it learns from them.

    `figures` has the model say how models that left out one writer did on that writer's calls.
    """
    learned_from = list(calls)
    learned_from += scenes() if name in WITH_SCENES else ()
    learned_from += grafted(calls) if name in WITH_EXCHANGES else ()
    if not figures:
        learned_from = [replace(call, writer="everybody") for call in learned_from]
    model: Model = import_module(f"training.steps.{name}").train(learned_from, corpora)
    return model


def store(model: Model, folder: Path = linear.FOLDER) -> Path:
    """Write what a step made beside the others; returns the file."""
    if isinstance(model, CallReader):
        return save_call_reader(model, folder)
    return linear.save(model, folder) if isinstance(model, LinearModel) else reader.save(model, folder)

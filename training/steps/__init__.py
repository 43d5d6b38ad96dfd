"""One step a trained model: `train(calls, corpora)` makes a LinearModel of labelled data."""

# In this order: each learns on top of what those before it find.
STEPS: tuple[str, ...] = (
    "boundaries",
    "questions",
    "questions_of_any",
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
    "talk",
    "outcome_link",
    "roi",
    "stakeholders",
    "objections",
    "objection_kind",
    "responses",
    "objection_status",
)

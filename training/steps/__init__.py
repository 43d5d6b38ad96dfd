"""One step a trained model: `train(calls, corpora)` makes a LinearModel of labelled data."""

STEPS: tuple[str, ...] = ()

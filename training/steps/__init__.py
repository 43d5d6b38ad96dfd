"""One step a trained model: from labelled data to a LinearModel."""

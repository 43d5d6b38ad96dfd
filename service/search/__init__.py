"""Finding words, labels and scores in calls."""

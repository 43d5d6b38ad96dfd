"""Practice recordings against thresholds, until a coach decides."""

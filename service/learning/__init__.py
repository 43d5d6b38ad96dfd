"""Learning from an organisation's reviews: runs, weights they made, which are in use, scoring anew."""

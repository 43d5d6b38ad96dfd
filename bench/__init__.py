"""Measurements; each module answers one question by one command."""

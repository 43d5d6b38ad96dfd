"""Calls and scores as files of other programs."""

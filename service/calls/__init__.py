"""Recordings in, analysis out."""

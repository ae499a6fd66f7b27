"""Readers of parallel text, one per kind of source."""

"""Runs that are reported: figures, and the default networks."""

"""Runs that are reported, and the networks that come with the package."""

from pathlib import Path

FOLDER = Path(__file__).parent

"""Runs that are reported, and the networks that come with the package."""

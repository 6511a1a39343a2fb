"""Deliberate bugs, each of which the simulation has to catch."""

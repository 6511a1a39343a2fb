"""Writes the skeleton of a new function or context: `make new-function NAME=…`, `make new-context NAME=…`."""

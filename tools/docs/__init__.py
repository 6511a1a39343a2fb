"""Writes docs/ from the code: state machines, mission coverage, the OpenAPI document."""

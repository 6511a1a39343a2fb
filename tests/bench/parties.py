"""The people whose orders are read: each has one."""

from __future__ import annotations

PEOPLE = 200
"""As many people at once as an instance may have before it."""


def uid_of(number: int) -> str:
    """Return the uid of a customer."""
    return f"customer-{number:04}"


def order_of(number: int) -> str:
    """Return the id of their order."""
    return f"ord_{number:032x}"

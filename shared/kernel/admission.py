"""How a use case asks whether an entity may be worked on once more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Admit = Callable[[str], Awaitable[None]]
"""Takes one request from the limit of an entity, given its id.

A use case calls it once, after it has authorised the caller for the entity and before it does anything that
costs. It raises `TooMany`, or `Unavailable` when the limits cannot be checked.
"""

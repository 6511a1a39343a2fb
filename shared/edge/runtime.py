"""What the edge needs of the process's runtime."""

from __future__ import annotations

from typing import Protocol

from shared.kernel.clock import Clock, utc_now
from shared.kernel.ids import NewId, new_id


class EdgeRuntime(Protocol):
    """A clock, and the maker of identifiers."""

    clock: Clock
    new_id: NewId


class DefaultRuntime:
    """The clock and the ids of a function that names no runtime."""

    clock = staticmethod(utc_now)
    new_id = staticmethod(new_id)

"""What the edge needs of the process's runtime."""

from __future__ import annotations

from typing import Protocol

from shared.kernel.clock import Clock
from shared.kernel.ids import NewId


class EdgeRuntime(Protocol):
    """A clock, and the maker of identifiers."""

    clock: Clock
    new_id: NewId

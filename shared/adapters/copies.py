"""Copies of few documents that many requests ask for, outside the database (ADR 0022).

A copy is believed without a look at its document. So a change of the document holds its copy first: from
then on no reader finds a copy, and none can be put, until the change has been made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRules:
    """How long copies last, and what surrounds them."""

    lifetime: timedelta = timedelta(hours=1)
    """How long a copy is kept."""

    lease: timedelta = timedelta(seconds=10)
    """How long a reader has to read the document and to put its copy."""

    hold: timedelta = timedelta(minutes=2)
    """How long a hold lasts that is never released: longer than a commit can take."""

    wary: timedelta = timedelta(seconds=30)
    """For so long after a loss of everything no copy is put: holds may have been lost, and the changes behind
    them not been made yet. Longer than a lease and a commit take together."""

    trust: timedelta = timedelta(seconds=3)
    """How long copies are believed after a look at `config/copies`. With the request itself, a change whose
    hold failed is seen within five seconds."""

    distrust: timedelta = timedelta(hours=3)
    """How long no copy is believed after a hold that failed: more than twice as long as a copy is kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader found: a copy, or None; then `leased` says whether it may put one.

    `trusted` says whether copies have been found trustworthy lately.
    """

    value: str | None = None
    leased: bool = False
    trusted: bool = False


class Copies(Protocol):
    """Copies by key. Each method raises `Unavailable`."""

    async def get(self, key: str, token: str) -> Found:
        """Return the copy; where there is none and none is held, lease its place to the token."""
        ...

    async def put(self, key: str, token: str, value: str) -> None:
        """Keep a copy in the place that is still leased to the token; else do nothing."""
        ...

    async def trust(self, key: str, lasting: timedelta) -> None:
        """Let copies be trusted for so long."""
        ...

    async def hold(self, keys: Sequence[str], holder: str) -> None:
        """Remove copies, and let none be put until the holder releases them."""
        ...

    async def release(self, keys: Sequence[str], holder: str) -> None:
        """End what the holder holds, and remove the copies once more."""
        ...

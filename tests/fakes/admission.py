"""`Admit` without a limit."""

from __future__ import annotations


async def admit_always(_: str) -> None:
    """Admit every request."""

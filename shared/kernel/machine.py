"""A state machine as data: what the documentation draws, and the tests hold the code against."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Transition:
    """From `source` to `target` when `cause` happens, by `actor`."""

    source: StrEnum
    target: StrEnum
    cause: str
    actor: str

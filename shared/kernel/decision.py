"""The one type that every pure decision returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.kernel.event import Event

State_co = TypeVar("State_co", covariant=True)
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Decision(Generic[State_co, Result_co]):
    """The new state, the events that follow from it, and the result for the caller.

    A decision is repeatable: the store may make it again when another process changed what it rests on.
    """

    state: State_co
    events: Sequence[Event]
    result: Result_co

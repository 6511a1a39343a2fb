"""State machines as tables: the rules look up each change of state here, and the documentation draws it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar, cast

S = TypeVar("S", bound=StrEnum)


class TransitionNotAllowed(LookupError):
    """A machine has no transition for this state and cause: the caller has a fault."""


@dataclass(frozen=True, slots=True)
class Transition:
    """From `source` to `target` when `cause` happens, by `actor`."""

    source: StrEnum
    target: StrEnum
    cause: str
    actor: str


@dataclass(frozen=True, slots=True)
class Machine(Generic[S]):
    """A table of transitions, with at most one for each state and cause."""

    rows: tuple[Transition, ...]

    def allows(self, state: S, cause: str) -> bool:
        """Say whether the table has a transition for this state and cause."""
        return self.target(state, cause) is not None

    def move(self, state: S, cause: str) -> S:
        """Return the next state; raises `TransitionNotAllowed` for a pair that the table does not have."""
        target = self.target(state, cause)
        if target is None:
            raise TransitionNotAllowed(f"{type(state).__name__} {state} does not allow: {cause}")
        return target

    def is_final(self, state: S) -> bool:
        """Say whether no transition leads out of a state."""
        return all(row.source is not state for row in self.rows)

    def target(self, state: S, cause: str) -> S | None:
        """Return the next state, or None for a pair that the table does not have."""
        found = (row.target for row in self.rows if row.source is state and row.cause == cause)
        return cast(S | None, next(found, None))

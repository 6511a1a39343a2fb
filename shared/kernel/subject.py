"""References to what can be charged and has a timeline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ChargeKind(StrEnum):
    """What can be charged."""

    ORDER = "order"
    TIP = "tip"


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """The kind and the id of a charge subject; no code derives the kind from the id."""

    kind: ChargeKind
    id: str

"""What a benchmark found, and the file that keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.machine import Machine
from tests.bench.turns import ratio


@dataclass(frozen=True, slots=True)
class Goal:
    """What `performance.md` aims at: a limit of the ratio, or of the figure where nothing is compared."""

    limit: float
    at_least: bool

    def is_met(self, value: float) -> bool:
        """Say whether the value is on the right side of the limit."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing; with a reference, `ratio` is the median of the rounds' ratios."""

    name: str
    value: float
    unit: str
    reference: str = ""
    reference_value: float | None = None
    ratio: float | None = None
    goal: Goal | None = None
    rounds: int = 1

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        return self.goal.is_met(self.value if self.ratio is None else self.ratio)

    def as_json(self) -> dict[str, Any]:
        """Return it for the file."""
        return {
            "name": self.name,
            "figure": self.value,
            "unit": self.unit,
            "reference": {"name": self.reference, "figure": self.reference_value} if self.reference else None,
            "ratio": self.ratio,
            "goal": str(self.goal) if self.goal else None,
            "met": self.met,
            "rounds": self.rounds,
        }


def compared(
    name: str, unit: str, measured: Sequence[float], reference: tuple[str, Sequence[float]], goal: Goal | None
) -> Figure:
    """Return the figure of something measured in turn with its reference."""
    other, values = reference
    return Figure(
        name, median(measured), unit, other, median(values), ratio(measured, values), goal, len(measured)
    )


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one benchmark, and what else is worth knowing of the run."""

    name: str
    figures: Sequence[Figure]
    details: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path, at: datetime, machine: Machine) -> Path:
        """Write `<name>.json` into the folder; return the file."""
        content = {
            "name": self.name,
            "at": at.isoformat(timespec="seconds"),
            "machine": machine.as_json(),
            "met": all(figure.met is not False for figure in self.figures),
            "figures": [figure.as_json() for figure in self.figures],
            "details": self.details,
        }
        file = folder / f"{self.name}.json"
        file.write_text(json.dumps(content, indent=2) + "\n")
        return file

"""The machine that measures: what a figure has to be read with."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Machine:
    """Its processors, and how busy they are: `load` is the mean number of runnable processes of a minute."""

    processors: int
    load: float
    python: str
    system: str

    @classmethod
    def now(cls) -> Machine:
        """Return this machine."""
        return cls(os.cpu_count() or 1, os.getloadavg()[0], platform.python_version(), platform.platform())

    def __str__(self) -> str:
        return f"{self.processors} processors (load {self.load:.1f}), Python {self.python}"

    def as_json(self) -> Mapping[str, Any]:
        """Return it for the file."""
        return {
            "processors": self.processors,
            "load": self.load,
            "python": self.python,
            "system": self.system,
        }

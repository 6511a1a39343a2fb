"""Why a driver is asked: the terms of a score, and who else could have been asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term of a score counts."""

    distance: float = 0.40
    rating: float = 0.25
    acceptance: float = 0.20
    load: float = 0.15


@dataclass(frozen=True, slots=True)
class Score:
    """Why a driver was chosen: the terms (0 worst, 1 best) before weighting, and the weighted total."""

    total: float
    distance: float
    rating: float
    acceptance: float
    load: float
    weights: Weights


@dataclass(frozen=True, slots=True)
class Proposal:
    """Ask this driver for this order."""

    order_id: str
    driver_id: str
    distance_m: float
    score: Score


@dataclass(frozen=True, slots=True)
class Ranking:
    """Why an offer went to its driver: the terms of who could have been asked, the best first.

    Support reads it, drivers do not. `considered` counts them all; only the best are kept.
    """

    offer_id: str
    order_id: str
    driver_id: str
    made_at: datetime
    considered: int
    candidates: tuple[Proposal, ...]

"""Scores, proposals, and the ranking that explains an offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each term of a score."""

    distance: float = 0.40
    rating: float = 0.25
    acceptance: float = 0.20
    load: float = 0.15


@dataclass(frozen=True, slots=True)
class Score:
    """The terms of a score (0 worst, 1 best) before weighting, and the weighted total."""

    total: float
    distance: float
    rating: float
    acceptance: float
    load: float
    weights: Weights


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposal to offer this order to this driver."""

    order_id: str
    driver_id: str
    distance_m: float
    score: Score


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates of an offer with their scores, the best first.

    Support reads it, drivers do not. `considered` counts all candidates; only the best are stored.
    """

    offer_id: str
    order_id: str
    driver_id: str
    made_at: datetime
    considered: int
    candidates: tuple[Proposal, ...]

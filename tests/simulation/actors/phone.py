"""A driver's phone: what its receiver and its clock send, sentinel values and glitches included."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.tracking_api.schemas import RecordedView
from shared.kernel.geo import Point
from shared.kernel.reported import GPS_WEEKS
from tests.simulation.actors.city import METRES_PER_DEGREE, City

UNKNOWN: Sequence[Mapping[str, Any]] = (
    {},
    {"speed": -1, "heading": -1, "altitude": 912.0, "altitude_accuracy": -1},
    {"accuracy": 0, "speed": 0, "heading": 0, "altitude": 0},
    {"accuracy": None, "speed": None, "heading": None, "altitude": None},
    {"accuracy": 12.5, "heading": 655.35},
)
"""What platforms send for values that they do not know, beside a good position."""

CLOCKS = ("sound", "sound", "behind", "ahead", "rollover", "epoch", "none", "far ahead")
TIMED = frozenset({"sound", "behind", "ahead", "rollover"})
"""The clocks that order the positions of a batch."""

GLITCHES_MOST = 3


@dataclass(frozen=True, slots=True)
class Batch:
    """What a phone sends; `good` is the place of the true position in it, None where it has none."""

    content: Mapping[str, Any]
    good: int | None


class Phone:
    """One phone with a platform and a clock of its own, both drawn once."""

    def __init__(self, uid: str, city: City) -> None:
        self._city = city
        self._chance: random.Random = city.chance(f"phone {uid}")
        odd = city.scenario.acts("phones", uid, 0.6)
        self._unknown = self._chance.choice(UNKNOWN) if odd else {}
        self._clock = self._chance.choice(CLOCKS) if odd else "sound"

    def batch(self, place: Point, now: datetime) -> Batch:
        """Return the true position among what else the phone sends; rarely the glitches alone."""
        true = self._position(place, now)
        if not self._city.watch.faults.strikes("phone-glitch"):
            return Batch({"points": [true]}, 0)
        if self._clock in TIMED and self._chance.random() < 0.3:
            return Batch({"points": self._jump(place, now)}, 1)
        glitches = [self._glitch(place, now) for _ in range(self._chance.randint(1, GLITCHES_MOST))]
        if self._chance.random() < 0.2:
            return Batch({"points": glitches}, None)
        at = self._chance.randint(0, len(glitches))
        return Batch({"points": [*glitches[:at], true, *glitches[at:]]}, at)

    def check(self, batch: Batch, answer: RecordedView) -> None:
        """Check that the true position was taken, whatever it was sent with."""
        left_out = {one.index: one.code for one in answer.left_out}
        count = len(batch.content["points"])
        self._city.watch.check(
            answer.accepted + len(left_out) == count, "batch", f"of {count}, {answer.accepted} and {left_out}"
        )
        self._city.watch.check(
            batch.good not in left_out,
            "batch",
            f"a good position was left out: {left_out.get(batch.good or 0)}",
        )

    def _time(self, now: datetime) -> object:
        match self._clock:
            case "behind":
                return (now - timedelta(hours=5.5)).isoformat()
            case "ahead":
                return (now + timedelta(hours=3)).isoformat()
            case "far ahead":
                return (now + timedelta(days=400)).isoformat()
            case "rollover":
                return (now - GPS_WEEKS).isoformat()
            case "epoch":
                return datetime(1970, 1, 1, tzinfo=UTC).isoformat()
            case "none":
                return 0
            case _:
                return now.isoformat()

    def _position(self, place: Point, now: datetime) -> Mapping[str, Any]:
        return {"lat": place.lat, "lng": place.lng, "at": self._time(now), **self._unknown}

    def _jump(self, place: Point, now: datetime) -> Sequence[Any]:
        """Return two true positions, and one that a second later is 50 km away."""
        before = [self._position(place, now - timedelta(seconds=ago)) for ago in (2, 1)]
        far = Point(place.lat + 50_000 / METRES_PER_DEGREE, place.lng)
        return [*before, self._position(far, now)]

    def _glitch(self, place: Point, now: datetime) -> Any:
        """Return a record that says nothing of where the driver is."""
        near, time = place.lat + 300 / METRES_PER_DEGREE, self._time(now)
        return self._chance.choice(
            (
                {"lat": 0.0, "lng": 0.0, "at": time, "accuracy": 0},
                {"lat": -180, "lng": -180, "at": time, "accuracy": -1},
                {"lat": near, "lng": place.lng, "at": time, "accuracy": -1},
                {"lat": near, "lng": place.lng, "at": time, "accuracy": 65_414},
                {"lat": near, "lng": place.lng, "at": time, "mock": True},
                {"lat": near, "lng": place.lng, "at": (now - timedelta(hours=25)).isoformat()},
                {"lat": "12.97", "lng": place.lng, "at": time},
                {"lat": near, "lng": place.lng, "at": "just now"},
                {"lat": 86.0, "lng": place.lng, "at": time},
                None,
            )
        )

"""Functions under load: each takes its turn, measured in requests per second and in processor time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from tests.bench.load import drive
from tests.bench.run import Run
from tests.bench.server import Server
from tests.bench.turns import in_turn

WARM_UP_S = 0.3


@dataclass(slots=True)
class Contender:
    """A server and the requests that it is sent."""

    server: Server
    requests: Iterator[bytes]
    cpu_us: list[float] = field(default_factory=list)

    def turn(self, seconds: float) -> float:
        """Return the requests per second of one turn; note the processor time that each took."""
        before = self.server.cpu_seconds()
        load = drive(self.server.port, self.requests, seconds)
        self.cpu_us.append((self.server.cpu_seconds() - before) / load.requests * 1e6)
        return load.rate


def in_turn_under_load(run: Run, name: str, contenders: Mapping[str, Contender]) -> dict[str, list[float]]:
    """Return each contender's requests per second, round by round."""
    for contender in contenders.values():
        drive(contender.server.port, contender.requests, WARM_UP_S)
    with run.progress(name, run.rounds * len(contenders)) as advance:
        turns = {key: _turn(contender, run.turn_seconds) for key, contender in contenders.items()}
        return in_turn(turns, run.rounds, advance)


def cpu_us(contenders: Mapping[str, Contender]) -> dict[str, float]:
    """Return the median processor time per request of each, in microseconds: noise moves it less."""
    return {name: round(median(contender.cpu_us), 1) for name, contender in contenders.items()}


def per_cpu_second(contender: Contender) -> list[float]:
    """Return the requests per second of processor time, round by round."""
    return [1e6 / each for each in contender.cpu_us]


def _turn(contender: Contender, seconds: float) -> Callable[[], float]:
    return lambda: contender.turn(seconds)

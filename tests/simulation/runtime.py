"""The runtime of one run: the functions' own ports over simulated external systems and a virtual clock."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar, cast

from shared.composition.ports import Ports
from shared.composition.runtime import Runtime
from shared.edge.environment import fields_of
from shared.edge.settings import Settings
from shared.kernel.ids import NewId
from shared.kernel.pause import Pause
from tests.simulation.process import local_time

S = TypeVar("S", bound=Settings)
T = TypeVar("T")
P = TypeVar("P")

SETTINGS: Mapping[str, Any] = {"google_cloud_project": "demo-waybill", "offer_seconds": 20}
"""What the environment says in every run; offers are shorter than in production, so that more of them end."""


class SimulatedRuntime(Runtime):
    """A runtime whose external systems are given: opening any other is an error of the simulation."""

    def __init__(
        self,
        *,
        externals: Mapping[str, Any],
        settings: Mapping[str, Any],
        policies: Mapping[type[Any], Any],
        new_id: NewId,
        pause: Pause,
    ) -> None:
        super().__init__(clock=local_time, new_id=new_id, random_bytes=_random_bytes(new_id), pause=pause)
        self._externals = externals
        self._values = {**SETTINGS, **settings}
        self._policies = policies

    def settings(self, kind: type[S]) -> S:
        """Return the settings, with the values of this run in place of the environment's."""
        if kind not in self._settings:
            named = {name: self._values[name] for name in fields_of(kind) if name in self._values}
            self._settings[kind] = kind(**named)
        return cast(S, self._settings[kind])

    def external(self, name: str, open_: Callable[[], T]) -> T:
        """Return the simulated system; the real one is never opened."""
        if name not in self._externals:
            raise LookupError(f"the simulation has no {name}: see tests/simulation/run.py")
        return cast(T, self._externals[name])

    def policy(self, kind: type[P]) -> P:
        """Return the rules with the small calendar of a run, where there are such."""
        return cast(P, self._policies.get(kind) or kind())


current_runtime: ContextVar[SimulatedRuntime] = ContextVar("current_runtime")


@cache
def ports_class(function: str) -> type[Ports] | None:
    """Return the class of a function's ports, as its `main.py` names it."""
    app = importlib.import_module(f"functions.{function}.main").app
    return None if app.state.ports is None else type(app.state.ports)


def ports_of(function: str) -> Any:
    """Return new ports of a function over the current run: each call runs in a process of its own, which
    holds no lock of another."""
    kind = ports_class(function)
    assert kind is not None, f"{function} has no ports"
    return kind(current_runtime.get())


def port(function: str, name: str) -> Any:
    """Return one port of a function for the call that is under way."""
    return getattr(ports_of(function), name)


def _random_bytes(ids: NewId) -> Callable[[int], bytes]:
    """Return bytes that look random and follow from the seed."""
    return lambda size: hashlib.shake_128(ids("rnd").encode()).digest(size)

"""A runtime over memory, and a function's app that runs on it for one test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import pytest
from starlette.applications import Starlette

from shared.composition.runtime import Runtime
from shared.edge.environment import fields_of
from shared.edge.settings import Settings
from shared.kernel.clock import Clock
from shared.kernel.ids import NewId, new_id
from tests.fakes.accounts import FakeRoles, FakeTokens
from tests.fakes.bus import MemoryBus
from tests.fakes.copies import MemoryCopies
from tests.fakes.database import MemoryDatabase

S = TypeVar("S", bound=Settings)
T = TypeVar("T")
P = TypeVar("P")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SETTINGS: Mapping[str, Any] = {"google_cloud_project": "demo-waybill"}


class FakeRuntime(Runtime):
    """A runtime whose database and bus are in memory and whose clock stops at `NOW`, unless given others.

    `externals` are further systems by the name under which the ports open them; opening one that is not
    given is an error of the test. `settings` are values by field, `policies` domain rules by class.
    """

    def __init__(
        self,
        *,
        database: Any = None,
        bus: Any = None,
        clock: Clock = lambda: NOW,
        new_id: NewId = new_id,
        settings: Mapping[str, Any] | None = None,
        policies: Mapping[type[Any], Any] | None = None,
        externals: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(clock=clock, new_id=new_id)
        self.database = MemoryDatabase() if database is None else database
        self.bus = MemoryBus() if bus is None else bus
        known = {"database": self.database, "publisher": self.bus, "copies": MemoryCopies(clock)}
        self._externals = {**known, **(externals or {})}
        self._values = {**SETTINGS, **(settings or {})}
        self._policies = policies or {}

    def settings(self, kind: type[S]) -> S:
        """Return the settings with the test's values, and defaults for the rest."""
        named = {name: self._values[name] for name in fields_of(kind) if name in self._values}
        return kind(**named)

    def external(self, name: str, open_: Callable[[], T]) -> T:
        """Return what the test gave under the name."""
        if name not in self._externals:
            raise LookupError(f"the test gives no {name}")
        return cast(T, self._externals[name])

    def policy(self, kind: type[P]) -> P:
        """Return the test's rules, or those of production."""
        return cast(P, self._policies.get(kind) or kind())


def run_on(
    app: Starlette,
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    *,
    tokens: Callable[[], Any] = FakeTokens,
    roles: Callable[[], Any] = FakeRoles,
    **ports: Any,
) -> Any:
    """Let a function's app run on a runtime until the test ends, and return its ports.

    `tokens` and `roles` say who the callers are. `ports` replace single ports by name.
    """
    opened = type(app.state.ports)(runtime)
    for name, port in ports.items():
        assert hasattr(type(opened), name), f"{type(opened).__name__} has no {name}"
        setattr(opened, name, port)
    given: dict[str, Any] = {"ports": opened, "runtime": runtime, "tokens": tokens, "roles": roles}
    given["settings"] = lambda: runtime.settings(Settings)
    for name, value in given.items():
        monkeypatch.setitem(app.state._state, name, value)
    return opened

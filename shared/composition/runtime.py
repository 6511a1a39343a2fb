"""What one process runs on: settings, clock, ids, randomness, and the external systems it has opened."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar, cast

from shared.edge.settings import Settings
from shared.kernel.clock import Clock, utc_now
from shared.kernel.ids import NewId, new_id
from shared.kernel.pause import Pause, full_jitter

S = TypeVar("S", bound=Settings)
T = TypeVar("T")
P = TypeVar("P")


class Runtime:
    """Settings, clock, ids and randomness of one process, and every external system that it has opened.

    A `Ports` class builds its adapters over it. Tests and the simulation pass a runtime of their own, so
    that the same `Ports` run over a database in memory and a virtual clock. Nothing is read or opened
    before it is first used: the server forks after importing, and clients belong to one event loop.
    """

    def __init__(
        self,
        *,
        clock: Clock = utc_now,
        new_id: NewId = new_id,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        pause: Pause = full_jitter,
    ) -> None:
        self.clock = clock
        self.new_id = new_id
        self.random_bytes = random_bytes
        self.pause = pause
        self._settings: dict[type[Settings], Settings] = {}
        self._opened: dict[str, Any] = {}

    def settings(self, kind: type[S]) -> S:
        """Return the settings of one concern, read from the environment once.

        Raises `SettingsInvalid` when the environment lacks a value that the concern needs.
        """
        if kind not in self._settings:
            self._settings[kind] = kind()
        return cast(S, self._settings[kind])

    def external(self, name: str, open_: Callable[[], T]) -> T:
        """Return the one client of the external system `name` in this process; open it on first use."""
        if name not in self._opened:
            self._opened[name] = open_()
        return cast(T, self._opened[name])

    def policy(self, kind: type[P]) -> P:
        """Return the rules of a domain, a frozen dataclass whose defaults are those of production."""
        return kind()

"""`catalogue_api` over a database in memory, with a clock that a test can set."""

from __future__ import annotations

from datetime import datetime

import pytest

from functions.catalogue_api.main import app
from shared.adapters.firestore.accounts import FirestoreRoles
from tests.fakes.accounts import Caller
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import NOW, FakeRuntime, run_on


class SetClock:
    """A clock that shows the time to which a test sets it."""

    at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def call(database: MemoryDatabase, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Caller:
    runtime = FakeRuntime(database=database, clock=clock, settings={"documents_required": False})
    run_on(app, runtime, monkeypatch, roles=lambda: FirestoreRoles(database))
    return Caller(app, "staff")

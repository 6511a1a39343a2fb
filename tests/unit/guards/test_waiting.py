"""What clients call waits for no task queue, which may take seconds: events, tasks and jobs create tasks."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from shared.composition.tasks import TaskPorts
from shared.manifest import load_all

MANIFESTS = load_all(Path(__file__).parents[3])
CALLED_BY_CLIENTS = sorted(name for name, manifest in MANIFESTS.items() if manifest.http)


def creates_tasks(function: str) -> bool:
    """Return whether a function can reach a task queue."""
    app = importlib.import_module(f"functions.{function}.main").app
    return isinstance(app.state.ports, TaskPorts)


@pytest.mark.parametrize("function", CALLED_BY_CLIENTS)
def test_fault_10_no_request_of_a_client_waits_for_a_task_queue(function: str) -> None:
    assert not creates_tasks(function)


def test_the_guard_sees_a_function_that_creates_tasks() -> None:
    assert creates_tasks("dispatch_events")

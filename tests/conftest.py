"""What every test may use, and what a run reports beside its results."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.emulators.google import firestore, pubsub
from tests.reporting import Reporter
from tests.stack import isolated_stack, stack, stack_environment

__all__ = ["firestore", "isolated_stack", "pubsub", "stack", "stack_environment"]

# How long an example takes tells of the machine, not of the code.
settings.register_profile("waybill", deadline=None)
settings.load_profile("waybill")

SLOW_FIRST = ("tests/e2e/test_fuzz", "tests/simulation", "tests/e2e", "tests/packaging", "tests/rules")
"""A worker that takes a long file last keeps the others waiting."""


def pytest_configure(config: pytest.Config) -> None:
    """Let the run report what it costs and what the functions answered."""
    config.pluginmanager.register(Reporter(config), "waybill-reporter")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""
    items.sort(key=lambda item: next((n for n, p in enumerate(SLOW_FIRST) if item.nodeid.startswith(p)), 99))

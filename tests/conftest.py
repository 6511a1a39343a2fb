"""What every test may use, and the rule that CI lets no emulator test be skipped."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.emulators.google import firestore, pubsub
from tests.stack import isolated_stack, stack, stack_environment

__all__ = ["firestore", "isolated_stack", "pubsub", "stack", "stack_environment"]

# How long an example takes tells of the machine, not of the code.
settings.register_profile("waybill", deadline=None)
settings.load_profile("waybill")

EMULATOR_TESTS_RAN = pytest.StashKey[int]()


def _required() -> bool:
    return os.environ.get("CI") == "true"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count the emulator tests that ran; where they are required, a skipped one has failed."""
    report = yield
    if item.get_closest_marker("emulator") is None:
        return report
    if report.when == "call" and not report.skipped:
        item.config.stash[EMULATOR_TESTS_RAN] = item.config.stash.get(EMULATOR_TESTS_RAN, 0) + 1
    if report.skipped and _required():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} needs the local stack and was skipped, which CI does not allow"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many emulator tests ran: `.ci/run` reads it."""
    terminalreporter.write_line(f"emulator tests that ran: {config.stash.get(EMULATOR_TESTS_RAN, 0)}")

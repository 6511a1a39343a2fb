"""What a test run reports beside its results: emulator tests, CPU time by lane, and the functions' answers.

The tests run in parallel workers; each hands its figures to the controlling process, which prints them once
and fails the run where a lane is over its budget or the API document disagrees with the answers.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator, Mapping
from typing import Any

import pytest

from tests import observed

BUDGETS: Mapping[str, int] = {
    "bench": 60,
    "contract": 400,
    "e2e": 1_500,
    "emulators": 600,
    "packaging": 500,
    "rules": 300,
    "simulation": 1_200,
    "stack": 1_000,
    "unit": 400,
    "web": 300,
}
"""Seconds of processor time for each folder of tests, its child processes included, on the slowest machine
that we care for. Processor time, since a busy machine makes a run longer but not dearer. `stack` is what the
stacks that all folders share have spent; the system says so only when they end."""

FIGURES = "waybill"
SHARED = "stack"


class Reporter:
    """Collects the figures of one process; the controller adds up those of its workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._emulator_tests = 0
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._answers: set[observed.Answer] = set()
        observed.install()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Count the processor time of a test, its fixtures and their processes."""
        before = _processor_time()
        try:
            return (yield)
        finally:
            self._seconds[_lane(item.nodeid)] += _processor_time() - before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, Any, Any]:
        """Count apart what ends with the session: the last test has not spent it."""
        before = _processor_time()
        try:
            return (yield)
        finally:
            if nextitem is None:
                spent = _processor_time() - before
                self._seconds[SHARED] += spent
                self._seconds[_lane(item.nodeid)] -= spent

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Count the emulator tests that ran; where they are required, a skipped one has failed."""
        report = yield
        if item.get_closest_marker("emulator") is None:
            return report
        if report.when == "call" and not report.skipped:
            self._emulator_tests += 1
        if report.skipped and os.environ.get("CI") == "true":
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} needs the local stack and was skipped, which CI does not allow"
        return report

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add the figures of a worker that has ended."""
        figures = getattr(node, "workeroutput", {}).get(FIGURES)
        if figures:
            self._emulator_tests += figures["emulator_tests"]
            for lane, seconds in figures["seconds"].items():
                self._seconds[lane] += seconds
            self._answers.update(map(tuple, figures["answers"]))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the figures to the controller, or judge them here."""
        self._answers |= observed.observer.answers
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[FIGURES] = {
                "emulator_tests": self._emulator_tests,
                "seconds": dict(self._seconds),
                "answers": sorted(self._answers),
            }
        elif self._faults() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the figures; `.ci/run` reads the line about emulator tests."""
        terminalreporter.section("lanes")
        for lane, seconds in sorted(self._seconds.items()):
            budget = BUDGETS.get(lane, 0)
            terminalreporter.write_line(
                f"{lane:<12} {seconds:>6.0f} s of processor time, budget {budget:>5} s"
            )
        for fault in self._faults():
            terminalreporter.write_line(fault, red=True)
        terminalreporter.write_line(f"emulator tests that ran: {self._emulator_tests}")

    def _faults(self) -> list[str]:
        """Return what fails the run although its tests passed."""
        found = [f"undeclared error: {answer}" for answer in observed.undeclared(self._answers)]
        if self._is_complete():
            found += [
                f"declared error without a test: {answer}" for answer in observed.unproduced(self._answers)
            ]
            over = {lane for lane, seconds in self._seconds.items() if seconds > BUDGETS.get(lane, 0)}
            found += [f"over its budget: {lane}" for lane in sorted(over)]
        return found

    def _is_complete(self) -> bool:
        """Say whether all tests ran: no path, keyword or marker chose among them, and none failed early."""
        option = self._config.option
        chosen = option.keyword or option.markexpr or getattr(option, "lf", False) or option.maxfail
        return self._config.args_source is pytest.Config.ArgsSource.TESTPATHS and not chosen


def _lane(nodeid: str) -> str:
    return nodeid.split("/")[1] if nodeid.startswith("tests/") else "other"


def _processor_time() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system

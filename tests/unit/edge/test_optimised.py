"""`python -OO` strips assertions and docstrings; the system behaves the same without them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def _output(optimise: tuple[str, ...], module: str, *arguments: str) -> str:
    command = [sys.executable, *optimise, "-m", module, *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return done.stdout


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        pytest.param("tests.unit.edge.public_errors", (), id="errors"),
        pytest.param("tests.simulation", ("--seed", "3"), id="simulation"),
    ],
)
def test_fault_16_errors_and_a_whole_simulated_day_are_the_same_without_assertions_and_docstrings(
    module: str, arguments: tuple[str, ...]
) -> None:
    plain, optimised = (_output(flags, module, *arguments) for flags in ((), ("-OO",)))
    assert len(plain.splitlines()) > 100
    assert optimised == plain

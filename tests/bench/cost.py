"""cost: what one order takes, as its end-to-end test counts it on the local stack."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping

from tests.bench.errors import NotMeasured
from tests.bench.report import Figure, Goal, Report
from tests.bench.run import Run
from tests.bench.server import ROOT
from tests.e2e.test_cost import GOAL

NAME = "cost"
TEST = "tests/e2e/test_cost.py"
LIMIT_S = 300
USD = Goal(40, at_least=False)
_COST = re.compile(r"^cost of an order: (\{.*?\}); goal", re.MULTILINE)
_PRICE = re.compile(r"^list price: ([0-9.]+) USD", re.MULTILINE)
_DOCUMENTS = re.compile(r"^by document: (\{.*\})$", re.MULTILINE)


def measure(run: Run) -> Report:
    """Run the test and take over what it says; whether it passes is for `make test` to tell."""
    with run.progress(NAME, 1) as advance:
        said = _said()
        advance()
    cost, documents = _found(_COST, said), _found(_DOCUMENTS, said)
    counts: Mapping[str, int] = json.loads(cost)
    figures = [
        Figure(name, count, "an order", goal=Goal(GOAL[name], at_least=False) if name in GOAL else None)
        for name, count in counts.items()
    ]
    figures.append(Figure("list price", float(_found(_PRICE, said)), "USD per million", goal=USD))
    return Report(NAME, figures, {"by_document": json.loads(documents)})


def _said() -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST]
    try:
        done = subprocess.run(  # noqa: S603 - our own test
            command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotMeasured(f"{TEST} took more than {LIMIT_S} s") from error
    return done.stdout


def _found(pattern: re.Pattern[str], said: str) -> str:
    match = pattern.search(said)
    if match is None:
        raise NotMeasured(f"{TEST} told no figures:\n{said[-2000:]}")
    return match[1]

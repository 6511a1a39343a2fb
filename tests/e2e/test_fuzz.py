"""Schemathesis asks every operation of the published document what is allowed and what is not, as each kind
of person: nothing answers with a server error, or with what the document does not say."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scene import ApiClient, Town, ok
from tools.docs.openapi.document import TARGET

pytestmark = [pytest.mark.mission("L4")]

CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
FEWEST_CASES = 1_000
"""What all runs generate together at least."""

OWN_SIGN_IN = "/me/(sessions|second-factor)"
"""What ends or locks the caller's own sign-in, after which everything is refused."""


@dataclass(frozen=True, slots=True)
class Run:
    """Who asks, so many examples of each operation whose path the option selects; `fewest` in all."""

    who: str
    option: str
    examples: int
    fewest: int

    def asks(self, path: str) -> bool:
        """Say whether this run asks the operations of a path."""
        return (re.search(OWN_SIGN_IN, path) is not None) == self.option.startswith("--include")


RUNS = [
    Run("customer", "--exclude-path-regex", examples=8, fewest=600),
    Run("staff", "--exclude-path-regex", examples=3, fewest=300),
    Run("driver", "--exclude-path-regex", examples=3, fewest=300),
    Run("admin", "--exclude-path-regex", examples=3, fewest=300),
    Run("newcomer", "--include-path-regex", examples=8, fewest=40),
]


def _operations() -> list[tuple[str, str]]:
    """Return method and path of every published operation."""
    paths = json.loads(TARGET.read_text())["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


def test_the_runs_together_ask_every_operation_and_a_thousand_times() -> None:
    assert [one for one in _operations() if not any(run.asks(one[1]) for run in RUNS)] == []
    assert sum(run.fewest for run in RUNS) >= FEWEST_CASES


@pytest.mark.emulator
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.who)
async def test_no_request_finds_a_server_error_or_an_undocumented_answer(
    town: Town, tmp_path: Path, run: Run
) -> None:
    customer, driver = await town.person(), await town.driver()
    ids = await _things(town, customer)
    people = {"customer": customer, "staff": town.staff, "driver": driver, "admin": town.admin}

    found, output = await _schemathesis(people.get(run.who) or await town.person(), ids, tmp_path, run)

    assert (found["exit_code"], found["failures"], found["errors"]) == (0, [], []), output
    assert found["operations"]["tested"] == sum(run.asks(path) for _, path in _operations()), output
    assert found["test_cases"]["generated"] >= run.fewest, output


async def _things(town: Town, customer: ApiClient) -> dict[str, str]:
    """Return ids of what stands in this town, so that requests reach the rules behind the look-up."""
    order_id = await town.place(customer)
    payment = ok(await customer.post("/payments", {"order_id": order_id, "method": "upi_intent"}))
    return {"order_id": order_id, "merchant_id": town.merchant_id, "payment_id": payment["id"]}


async def _schemathesis(
    caller: ApiClient, ids: dict[str, str], folder: Path, run: Run
) -> tuple[dict[str, Any], str]:
    """Run schemathesis as its users do; return its report and what it printed."""
    config, report = folder / "schemathesis.toml", folder / "report.json"
    known = "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
    config.write_text(f"[parameters]\n{known}")
    command = Path(sys.executable).with_name("schemathesis")
    token = await caller.account.token()
    process = await asyncio.create_subprocess_exec(
        command,
        *("--config-file", str(config), "--no-color", "run", str(TARGET), "--url", caller.base_url),
        *(run.option, OWN_SIGN_IN, "--max-examples", str(run.examples), "--phases", "examples,fuzzing"),
        *("--header", f"Authorization: Bearer {token}", "--checks", CHECKS, "--mode", "all"),
        *("--report-json-path", str(report)),
        *("--continue-on-failure", "--no-shrink", "--seed", "1", "--warnings", "off"),
        cwd=folder,
        stdout=PIPE,
        stderr=STDOUT,
    )
    output, _ = await process.communicate()
    assert report.exists(), output.decode()
    found: dict[str, Any] = json.loads(report.read_text())
    return found, f"{found}\n{output.decode()}"

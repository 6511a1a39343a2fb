"""Schemathesis asks every operation of the published document what is allowed and what is not, as each kind
of person: nothing answers with a server error, or with what the document does not say."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from infra.openapi.document import TARGET
from tests.e2e.scene import Person, Town, ok

pytestmark = [pytest.mark.emulator, pytest.mark.mission("L4")]

CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
FEWEST_CASES = 150

OWN_SIGN_IN = "/me/(sessions|second-factor)"
"""What ends or locks the caller's own sign-in, after which everything is refused."""

ZONES = "/admin/zones"
"""The first zone that an admin draws shuts the towns of all other tests out."""


@pytest.mark.parametrize(("who", "examples"), [("customer", 8), ("staff", 3), ("driver", 3), ("admin", 3)])
async def test_no_request_finds_a_server_error_or_an_undocumented_answer(
    town: Town, tmp_path: Path, who: str, examples: int
) -> None:
    customer, driver = await town.person(), await town.driver()
    ids = await _things(town, customer)
    caller = {"customer": customer, "staff": town.staff, "driver": driver, "admin": town.admin}[who]
    without = OWN_SIGN_IN + (f"|{ZONES}" if who == "admin" else "")

    only = ("--exclude-path-regex", without)
    cases, report = await _schemathesis(caller, ids, tmp_path, examples, *only)

    assert cases >= FEWEST_CASES, report


async def test_neither_does_who_plays_with_their_own_sign_in(town: Town, tmp_path: Path) -> None:
    only = ("--include-path-regex", OWN_SIGN_IN)
    cases, report = await _schemathesis(await town.person(), {}, tmp_path, 8, *only)

    assert cases, report


async def _things(town: Town, customer: Person) -> dict[str, str]:
    """Return ids of what stands in this town, so that requests reach the rules behind the look-up."""
    order_id = await town.place(customer)
    payment = ok(await customer.post("/payments", {"order_id": order_id, "method": "upi_intent"}))
    return {"order_id": order_id, "merchant_id": town.merchant_id, "payment_id": payment["id"]}


async def _schemathesis(
    caller: Person, ids: dict[str, str], folder: Path, examples: int, *chosen: str
) -> tuple[int, str]:
    """Run schemathesis as its users do, so many examples of each operation on the chosen paths; return
    how many cases it made, 0 when one of them failed, and what it printed."""
    config = folder / "schemathesis.toml"
    known = "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
    config.write_text(f"[parameters]\n{known}")
    command = Path(sys.executable).with_name("schemathesis")
    token = await caller.account.token()
    process = await asyncio.create_subprocess_exec(
        command,
        *("--config-file", str(config), "--no-color", "run", str(TARGET), "--url", caller.url, *chosen),
        *("--header", f"Authorization: Bearer {token}", "--checks", CHECKS, "--mode", "all"),
        *("--phases", "examples,fuzzing", "--max-examples", str(examples)),
        *("--continue-on-failure", "--no-shrink", "--seed", "1", "--warnings", "off"),
        cwd=folder,
        stdout=PIPE,
        stderr=STDOUT,
    )
    output, _ = await process.communicate()
    report = output.decode()
    generated = re.search(r"(\d+) generated", report)
    return int(generated[1]) if generated and process.returncode == 0 else 0, report

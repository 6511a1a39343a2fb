"""`firestore.rules` against the real emulators, tried by the client SDK in Node.

The scripts sign in through the Auth emulator and work in Firestore projects of their own, whose rules
and documents are apart from the stack's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from emulators.stack.locate import node
from tests.patience import HANG_SECONDS
from tests.stack import RunningStack

HERE = Path(__file__).parent
LIMIT_MS = 1_200_000
"""How long one check may take before it is named as the one that hangs."""

pytestmark = pytest.mark.emulator


def run(script: str, stack: RunningStack) -> None:
    """Run one script; when a check of it fails, fail with what it says."""
    result = subprocess.run(  # noqa: S603 - our own script
        [node(), "--test", f"--test-timeout={LIMIT_MS}", "--test-reporter=spec", HERE / script],
        env={**os.environ, **stack.env, "RULES_PROJECT": f"demo-rules-{os.getpid()}"},
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stdout.write(result.stdout)
    if result.returncode:
        pytest.fail(f"{script}\n{result.stdout}{result.stderr}", pytrace=False)


def test_each_role_reads_what_the_design_names_and_writes_nothing(stack: RunningStack) -> None:
    run("matrix.test.mjs", stack)


def test_the_apps_of_customers_and_drivers_see_their_own_and_no_more(stack: RunningStack) -> None:
    run("acceptance.test.mjs", stack)


def test_any_single_change_of_the_rules_is_noticed_by_the_matrix(stack: RunningStack) -> None:
    run("mutation.test.mjs", stack)


def test_fault_06_whoever_is_shut_out_reads_nothing_of_any_collection_and_moves_nothing(
    stack: RunningStack,
) -> None:
    run("hostile.test.mjs", stack)


def test_the_stack_runs_under_the_rules(stack: RunningStack) -> None:
    emulator, project = stack.env["FIRESTORE_EMULATOR_HOST"], stack.env["GOOGLE_CLOUD_PROJECT"]
    url = f"http://{emulator}/v1/projects/{project}/databases/(default)/documents/orders/ord_1"
    assert httpx.get(url, timeout=HANG_SECONDS).status_code == httpx.codes.FORBIDDEN

"""Codes as authenticator apps and recovery sheets show them, and as people type them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fakes.accounts import Caller
from tests.fakes.clock import FakeClock
from tests.unit.identity.authenticator import App

pytestmark = pytest.mark.mission("A5")

AS_SHOWN: list[Callable[[str], str]] = [
    lambda code: f"{code[:3]} {code[3:]}",
    lambda code: f"{code[:3]}\u00a0{code[3:]}",
    lambda code: f"{code[:3]}-{code[3:]}",
    lambda code: f"{code[:3]}–{code[3:]}",
    lambda code: f" {code}\n",
    lambda code: "\u200b".join(code),
    lambda code: ".".join(code),
    lambda code: code.translate({ord("0") + n: chr(ord("०") + n) for n in range(10)}),
]


@pytest.fixture
def app(call: Caller, clock: FakeClock) -> App:
    return App(call, clock)


@pytest.mark.parametrize("shown", AS_SHOWN)
@pytest.mark.parametrize("what", ["verify", "recovery-codes", "disable"])
async def test_fault_28_a_code_of_the_app_opens_however_it_is_grouped(
    app: App, shown: Callable[[str], str], what: str
) -> None:
    await app.enrol()
    app.clock.wait(30)

    assert (await app.send(shown(app.code()), what))[0] in (200, 204)


@pytest.mark.parametrize("shown", AS_SHOWN)
async def test_fault_28_a_factor_is_confirmed_by_a_code_as_it_is_shown(
    app: App, shown: Callable[[str], str]
) -> None:
    app.secret = (await app.call("POST", "/api/v1/me/second-factor")).json()["secret"]

    assert (await app.send(shown(app.code()), "confirm"))[0] == 200


@pytest.mark.parametrize(
    "shown",
    [
        str.upper,
        lambda code: code.replace("-", " "),
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", "\u2011"),
        lambda code: f"\u202a {code} \u202c",
        lambda code: " ".join(code),
    ],
)
async def test_fault_28_a_recovery_code_opens_however_it_is_written_and_once(
    app: App, shown: Callable[[str], str]
) -> None:
    await app.enrol()
    code = shown(app.recovery[0])

    assert (await app.send(code))[0] == 200
    assert await app.send(code) == (403, "CODE_WRONG")


async def test_fault_28_a_code_that_is_wrong_in_groups_counts_as_wrong(app: App) -> None:
    await app.enrol()
    wrong = app.wrong()

    assert await app.send(f"{wrong[:3]} {wrong[3:]}") == (403, "CODE_WRONG")

"""The matrix of rights: every published operation, asked by nobody, by strangers of each kind, and by the
one who may. The operations and their bodies come from the document; the rights from `access.py`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.access import EXCEPTIONS, ROLES, SUPPORT, Access, access_to, is_for_support
from tests.e2e.matrix import API, Matrix
from tests.e2e.scene import ApiClient, Town
from tests.e2e.scene import town as open_town
from tests.stack import RunningStack
from tools.docs.openapi.document import TARGET

pytestmark = [pytest.mark.emulator, pytest.mark.mission("A1")]

DENIED = (401, 403, 404)
ABSENT = ("NOTIFICATION_NOT_FOUND", "SECOND_FACTOR_MISSING", "SUBSTITUTION_NOT_FOUND", "ZONE_NOT_FOUND")
"""Refusals to those who are let in: what they ask about is theirs, and is not there."""


def operations() -> dict[str, dict[str, Any]]:
    """Return the published operations by method and path, the common prefix left out."""
    paths = json.loads(TARGET.read_text())["paths"]
    return {
        f"{method.upper()} {path.removeprefix(API)}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


def test_every_exception_to_the_rule_of_access_is_an_operation() -> None:
    assert set(EXCEPTIONS) | SUPPORT <= set(operations())


@pytest.fixture
async def matrix(town: Town, stack: RunningStack) -> Any:
    async with open_town(stack) as there:
        found = Matrix(town, there)
        await found.build()
        yield found


async def test_nobody_gets_in_without_a_token(matrix: Matrix) -> None:
    let_in = [
        (name, answer.status_code)
        for name, operation in operations().items()
        if (answer := await matrix.ask(None, name, operation)).status_code != 401
    ]

    assert not let_in, "\n".join(map(str, let_in))


async def test_a_stranger_of_any_kind_finds_nothing(matrix: Matrix) -> None:
    wrong = []
    for name, operation in operations().items():
        access = access_to(name)
        for role in ROLES if access.right else ():
            if (person := matrix.strangers.get(role)) is None or _meets_own(name, role):
                continue
            status = (await matrix.ask(person, name, operation)).status_code
            if status != access.others:
                wrong.append((name, role, status))

    assert not wrong, "\n".join(map(str, wrong))


async def test_support_is_let_into_its_own_operations_and_into_no_other_of_the_operators(
    matrix: Matrix,
) -> None:
    wrong = []
    for name, operation in sorted(operations().items(), key=_by_destruction):
        if not name.split()[1].startswith("/admin/"):
            continue
        answer = await matrix.ask(matrix.support, name, operation)
        code = answer.json().get("code") if answer.content else None
        let_in = answer.status_code not in DENIED or code in ABSENT
        if (let_in, code == "ROLE_MISSING") != (is_for_support(name), not is_for_support(name)):
            wrong.append((name, answer.status_code, code))

    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("action", "refusal"), [("disable", (403, "ACCOUNT_DISABLED")), ("revoke", (401, "SESSION_REVOKED"))]
)
async def test_fault_01_fault_03_a_customer_and_a_driver_who_were_shut_out_are_refused_everywhere(
    matrix: Matrix, action: str, refusal: tuple[int, str]
) -> None:
    """A small walk on the stack; `tests/unit/walk` has every role and every kind of token."""
    people = [matrix.right["customer"], matrix.right["driver"], matrix.here.staff]
    for person in people:
        shut_out = await matrix.here.admin.post(f"/admin/users/{person.uid}/{action}", {"reason": "fraud"})
        assert shut_out.is_success, shut_out.text
    walked = {name: one for name, one in operations().items() if not access_to(name).public}
    let_in = [
        (person.uid, name, answer.status_code, answer.text[:200])
        for person in people
        for name, operation in walked.items()
        if ((answer := await matrix.ask(person, name, operation)).status_code, answer.json().get("code"))
        != refusal
    ]

    assert not let_in, "\n".join(map(str, let_in))


async def test_whoever_may_is_let_in(matrix: Matrix) -> None:
    shut_out = []
    for name, operation in sorted(operations().items(), key=_by_destruction):
        access = access_to(name)
        if access.public:
            continue
        person = await _right(matrix, access)
        answer = await matrix.ask(person, name, operation)
        code = answer.json().get("code") if answer.content else None
        if (answer.status_code in DENIED and code not in ABSENT) or answer.status_code >= 500:
            shut_out.append((name, answer.status_code, code))

    assert not shut_out, "\n".join(map(str, shut_out))


def _by_destruction(entry: tuple[str, Any]) -> int:
    """Let the driver take the order on before they hand it back, and put last what takes things away: an
    operator's end of the order, deletions, and at the very end what ends the caller's own sign-in."""
    method, path = entry[0].split()
    if method == "DELETE":
        return 5 if path.startswith("/me/sessions") else 4
    if path.startswith("/admin/orders/"):
        return 3
    return 0 if path.startswith("/driver/orders/") else 1 if path.endswith("/hand-back") else 2


async def _right(matrix: Matrix, access: Access) -> ApiClient:
    """Return the one who may; for what anyone may, someone new each time, whom nothing else depends on."""
    return matrix.right[access.right] if access.right else await matrix.here.person()


def _meets_own(name: str, role: str) -> bool:
    """A driver of another town is a driver: what is a driver's own, they have too."""
    path = name.split()[1]
    return role == "driver" and path in (
        "/driver",
        "/driver/requirements",
        "/driver/go-online",
        "/driver/go-offline",
    )

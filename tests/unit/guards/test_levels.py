"""No operation asks for less than an active user: a valid token alone opens nothing.

A token is valid for an hour. In that hour its sign-in may have been ended, or its account closed.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from fastapi import Depends
from fastapi.routing import iter_route_contexts

from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, Admin
from shared.edge.callers import authenticate
from shared.kernel.actor import Principal
from tests.unit.guards.operations import Operation, levels_of, operations

pytestmark = pytest.mark.mission("A1", "A3")

OTHER_PROOF = "/webhooks/"
"""Below this path there is no user: the sender's signature over the raw body is the authorisation."""


def below_an_active_user(found: Iterable[Operation]) -> list[str]:
    """Return the operations that take a token, or nothing, without a look at the account."""
    return [str(one) for one in found if not one.levels and not one.path.startswith(OTHER_PROOF)]


def test_fault_03_every_operation_asks_for_an_active_user_at_least() -> None:
    assert below_an_active_user(operations()) == []


def test_the_exceptions_are_operations_that_exist_and_know_no_user() -> None:
    exceptions = [one for one in operations() if one.path.startswith(OTHER_PROOF)]
    assert exceptions
    assert not any(one.levels or one.published.get("security") for one in exceptions)


def test_the_guard_sees_a_route_that_takes_a_valid_token_alone() -> None:
    router = api_router("/api/v1")

    @router.put("/menu", operation_id="writeMenu")
    async def less(user: Principal = Depends(authenticate)) -> None: ...  # noqa: B008

    @router.put("/open", operation_id="openToAll")
    async def nothing() -> None: ...

    @router.put("/active", operation_id="active")
    async def active(user: ActiveUser) -> None: ...

    @router.put("/admin", operation_id="admin")
    async def admin(user: Admin) -> None: ...

    found = [
        Operation(
            "put", str(route.path), {"operationId": getattr(route.original_route, "operation_id", "")}, route
        )
        for route in iter_route_contexts(router.routes)
    ]
    assert below_an_active_user(found) == [
        "writeMenu (PUT /api/v1/menu)",
        "openToAll (PUT /api/v1/open)",
    ]
    assert [levels_of(one.route) for one in found] == [set(), set(), {"ActiveUser"}, {"Admin"}]

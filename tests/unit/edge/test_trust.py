"""The requirements of each authentication level, tested with a small app."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from shared.edge.app import api_router, create_app
from shared.edge.auth import ActiveUser, ActiveVerifiedUser, Admin, RecentMfaUser, Support
from shared.edge.settings import Settings
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Role
from tests.fakes.accounts import FOR_EVER, SIGNED_IN, Caller, FakeRoles, FakeTokens, session_id
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.mission("A1", "A2")

PAST = datetime(2020, 1, 1, tzinfo=UTC)
ADMIN, SUPPORT = frozenset({Role.ADMIN}), frozenset({Role.SUPPORT})
OK = ""


def _app(status: AccountStatus) -> FastAPI:
    router = api_router()

    @router.get("/current")
    async def current(user: ActiveUser) -> None: ...

    @router.get("/trusted")
    async def trusted(user: ActiveVerifiedUser) -> None: ...

    @router.get("/stepped-up")
    async def stepped_up(user: RecentMfaUser) -> None: ...

    @router.get("/support")
    async def support(operator: Support) -> None: ...

    @router.get("/admin")
    async def admin(operator: Admin) -> None: ...

    return create_app(
        "small_api",
        runtime=FakeRuntime(),
        routers=[router],
        settings=lambda: Settings(google_cloud_project="demo-waybill"),
        tokens=FakeTokens,
        roles=lambda: FakeRoles(statuses={"asha": status, "half-asha": status}),
    )


async def _codes(status: AccountStatus, uid: str = "asha") -> list[str]:
    call = Caller(_app(status), uid)
    answers = [
        await call("GET", f"/{kind}") for kind in ("current", "trusted", "stepped-up", "support", "admin")
    ]
    return [OK if answer.is_success else answer.json()["code"] for answer in answers]


@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (AccountStatus(), [OK, OK, "SECOND_FACTOR_NOT_ENROLLED", "ROLE_MISSING", "ROLE_MISSING"]),
        (
            AccountStatus(second_factor=True),
            [OK, OK, "SECOND_FACTOR_REQUIRED", "ROLE_MISSING", "ROLE_MISSING"],
        ),
        (
            AccountStatus(second_factor=True, recent_mfa_until=PAST),
            [OK, OK, "SECOND_FACTOR_REQUIRED", "ROLE_MISSING", "ROLE_MISSING"],
        ),
        (
            AccountStatus(recent_mfa_until=FOR_EVER),
            [OK, OK, "SECOND_FACTOR_NOT_ENROLLED", "ROLE_MISSING", "ROLE_MISSING"],
        ),
        (
            AccountStatus(second_factor=True, recent_mfa_until=FOR_EVER),
            [OK, OK, OK, "ROLE_MISSING", "ROLE_MISSING"],
        ),
        (
            AccountStatus(SUPPORT, second_factor=True, recent_mfa_until=FOR_EVER),
            [OK, OK, OK, OK, "ROLE_MISSING"],
        ),
        (AccountStatus(ADMIN, second_factor=True, recent_mfa_until=FOR_EVER), [OK, OK, OK, OK, OK]),
        (AccountStatus(ADMIN), [OK, OK, *["SECOND_FACTOR_NOT_ENROLLED"] * 3]),
        (AccountStatus(ADMIN, second_factor=True), [OK, OK, *["SECOND_FACTOR_REQUIRED"] * 3]),
        (
            AccountStatus(ADMIN, None, (session_id("asha"),), second_factor=True, recent_mfa_until=FOR_EVER),
            ["SESSION_REVOKED"] * 5,
        ),
        (
            AccountStatus(ADMIN, SIGNED_IN, second_factor=True, recent_mfa_until=FOR_EVER),
            ["SESSION_REVOKED"] * 5,
        ),
        (
            AccountStatus(
                ADMIN, SIGNED_IN - timedelta(microseconds=1), (session_id("asha", 1),), False, True, FOR_EVER
            ),
            [OK] * 5,
        ),
        (
            AccountStatus(ADMIN, disabled=True, second_factor=True, recent_mfa_until=FOR_EVER),
            ["ACCOUNT_DISABLED"] * 5,
        ),
    ],
)
async def test_each_level_names_what_is_missing(status: AccountStatus, codes: list[str]) -> None:
    assert await _codes(status) == codes


async def test_without_a_verified_phone_only_the_own_account_is_accessible() -> None:
    status = AccountStatus(ADMIN, second_factor=True, recent_mfa_until=FOR_EVER)

    assert await _codes(status, "half-asha") == [OK, *["PHONE_NOT_VERIFIED"] * 4]


async def test_a_request_without_a_token_is_unauthenticated() -> None:
    call = Caller(_app(AccountStatus()), "")

    assert (await call("GET", "/trusted")).status_code == 401

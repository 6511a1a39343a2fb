"""One suite for the reset of a user's second factor: every database alike."""

from __future__ import annotations

import pytest

from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.identity import FirestoreSecurity
from shared.identity.admin import AdminDecision, without_second_factor
from shared.identity.audit import AdminAction
from shared.identity.domain import Account, SecondFactor, SecurityState, status_of
from shared.kernel.access import OperatorDemoted, demand_operator
from shared.kernel.actor import Operator, Role
from tests.builders import NOW
from tests.contract.stores import Ground

ACTION = AdminAction("aud_1", Operator("adele", frozenset({Role.ADMIN})), "asha", "lost phone", NOW)


@pytest.fixture
def security(ground: Ground) -> FirestoreSecurity:
    return FirestoreSecurity(ground.documents)


async def reset(security: FirestoreSecurity) -> Account:
    def decide(state: SecurityState) -> AdminDecision:
        demand_operator(status_of(state.operator), Role.ADMIN)
        return without_second_factor(state, ACTION)

    return await security.change("asha", decide, operator_id="adele", with_factor=True)


async def test_factor_account_audit_entry_and_event_change_together(
    ground: Ground, security: FirestoreSecurity
) -> None:
    await ground.put("second_factors/asha", SecondFactor("asha", "sealed", NOW, confirmed_at=NOW))
    await ground.put("auth/asha", {"uid": "asha", "second_factor": True, "roles": ["driver"]})
    await ground.put("auth/adele", {"roles": ["admin"]})

    for _ in range(2):
        account = await reset(security)
        assert (account.second_factor, account.tokens_valid_after) == (False, NOW)
    assert await security.second_factor("asha") is None
    status = await FirestoreRoles(ground.database).account_status("asha")
    assert status.tokens_valid_after == NOW
    assert (await ground.data("auth/asha") or {})["roles"] == ["driver"]
    assert (await ground.data("audit/aud_1") or {})["action"] == "second_factor_reset"
    assert ground.bus.names() == ["second_factor_reset", "sign_ins_ended"]


async def test_a_reset_that_a_demotion_overtook_is_decided_again(
    ground: Ground, security: FirestoreSecurity
) -> None:
    factor = SecondFactor("asha", "sealed", NOW, confirmed_at=NOW)
    await ground.put("second_factors/asha", factor)
    await ground.put("auth/asha", {"uid": "asha", "second_factor": True})
    await ground.put("auth/adele", {"roles": ["admin"]})
    ground.database.overtake("auth/adele", roles=[])

    with pytest.raises(OperatorDemoted):
        await reset(security)
    assert await security.second_factor("asha") == factor
    assert (await ground.ids("audit"), ground.bus.names()) == ([], [])


async def test_a_reset_that_the_owner_overtook_removes_the_newer_factor(
    ground: Ground, security: FirestoreSecurity
) -> None:
    await ground.put("second_factors/asha", SecondFactor("asha", "sealed", NOW))
    await ground.put("auth/asha", {"uid": "asha"})
    await ground.put("auth/adele", {"roles": ["admin"]})
    ground.database.overtake("second_factors/asha", confirmed_at=NOW)

    await reset(security)
    assert await security.second_factor("asha") is None

"""One suite for the end of somebody else's second factor: every database alike."""

from __future__ import annotations

import pytest

from shared.accounts.domain import Account, status_of
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.adapters.firestore.sessions import FirestoreSecondFactors
from shared.identity.audit import AdminAction
from shared.identity.factor_reset import FactorReset, without_factor
from shared.identity.second_factor import SecondFactor
from shared.kernel.access import OperatorDemoted, demand_operator
from shared.kernel.actor import Operator, Role
from tests.builders import NOW
from tests.contract.stores import Ground


@pytest.fixture
def factors(ground: Ground) -> FirestoreSecondFactors:
    return FirestoreSecondFactors(ground.documents)


DEED = AdminAction("aud_1", Operator("adele", frozenset({Role.ADMIN})), "lost phone", NOW)


async def test_factor_account_record_and_event_go_together(
    ground: Ground, factors: FirestoreSecondFactors
) -> None:
    await ground.put("second_factors/asha", SecondFactor("asha", "sealed", NOW, confirmed_at=NOW))
    await ground.put("users/asha", {"uid": "asha", "second_factor": True, "roles": ["driver"]})
    await ground.put("users/adele", {"roles": ["admin"]})

    for _ in range(2):
        account = await factors.reset("asha", "adele", reset)
        assert (account.second_factor, account.tokens_valid_after) == (False, NOW)
    assert await factors.find("asha") is None
    assert (await FirestoreRoles(ground.database).standing("asha")).tokens_valid_after == NOW
    assert (await ground.data("users/asha") or {})["roles"] == ["driver"]
    assert (await ground.data("audit/aud_1") or {})["action"] == "second_factor_reset"
    assert ground.bus.names() == ["second_factor_reset"]


async def test_one_that_a_demotion_overtook_is_decided_again(
    ground: Ground, factors: FirestoreSecondFactors
) -> None:
    factor = SecondFactor("asha", "sealed", NOW, confirmed_at=NOW)
    await ground.put("second_factors/asha", factor)
    await ground.put("users/asha", {"uid": "asha", "second_factor": True})
    await ground.put("users/adele", {"roles": ["admin"]})
    ground.database.overtake("users/adele", roles=[])

    with pytest.raises(OperatorDemoted):
        await factors.reset("asha", "adele", reset)
    assert await factors.find("asha") == factor
    assert (await ground.ids("audit"), ground.bus.names()) == ([], [])


async def test_one_that_the_owner_overtook_takes_the_newer_factor(
    ground: Ground, factors: FirestoreSecondFactors
) -> None:
    await ground.put("second_factors/asha", SecondFactor("asha", "sealed", NOW))
    await ground.put("users/asha", {"uid": "asha"})
    await ground.put("users/adele", {"roles": ["admin"]})
    ground.database.overtake("second_factors/asha", confirmed_at=NOW)

    await factors.reset("asha", "adele", reset)
    assert await factors.find("asha") is None


def reset(account: Account | None, operator: Account | None, factor: SecondFactor | None) -> FactorReset:
    demand_operator(status_of(operator), Role.ADMIN)
    return without_factor(account, factor, DEED)

"""One suite for `StaffStore`: every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.firestore.memberships import MAX_MEMBERSHIPS, memberships_of
from shared.adapters.firestore.staff import FirestoreStaff
from shared.catalogue.access import MerchantAccess, owner_membership
from shared.catalogue.domain import Merchant
from shared.catalogue.membership import Membership
from shared.catalogue.staff import StaffDecision, StaffState, dismiss, for_owner, hire
from shared.kernel.decision import Decision
from tests.builders import NOW, membership
from tests.contract.stores import Ground
from tests.unit.catalogue.shops import shop

pytestmark = pytest.mark.mission("B1")

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def staff(ground: Ground) -> FirestoreStaff:
    await ground.put("merchants/mer_1", shop("mer_1"))
    await ground.put("merchants/mer_1/staff/staff", owner_membership(shop("mer_1")))
    return FirestoreStaff(ground.documents)


async def add(staff: FirestoreStaff, uid: str) -> Merchant:
    def decide(access: MerchantAccess, existing: Membership | None) -> StaffDecision:
        return hire(for_owner(access), existing, uid, "staff", LATER)

    return await staff.change("mer_1", "staff", uid, decide)


async def remove(staff: FirestoreStaff, uid: str) -> Merchant:
    def decide(access: MerchantAccess, existing: Membership | None) -> StaffDecision:
        return dismiss(for_owner(access), existing)

    return await staff.change("mer_1", "staff", uid, decide)


async def uids(staff: FirestoreStaff) -> list[str]:
    return [member.uid for member in await staff.members("mer_1")]


async def test_the_staff_is_one_document_for_each_member(ground: Ground, staff: FirestoreStaff) -> None:
    await asyncio.gather(add(staff, "ravi"), add(staff, "meera"), add(staff, "ravi"))
    assert await uids(staff) == ["staff", "meera", "ravi"]
    assert await ground.data("merchants/mer_1/staff/ravi") == {
        "merchant_id": "mer_1",
        "uid": "ravi",
        "role": "staff",
        "since": LATER,
        "by": "staff",
    }
    assert (await add(staff, "ravi")).staff_count == 3


async def test_a_dismissal_removes_the_document(ground: Ground, staff: FirestoreStaff) -> None:
    await add(staff, "ravi")
    for _ in range(2):
        assert (await remove(staff, "ravi")).staff_count == 1
    assert await ground.ids("merchants/mer_1/staff") == ["staff"]
    assert await uids(staff) == ["staff"]


async def test_the_decision_reads_the_caller_and_the_member_in_one_moment(
    ground: Ground, staff: FirestoreStaff
) -> None:
    await add(staff, "ravi")
    seen: list[tuple[str, str]] = []

    def decide(access: MerchantAccess, existing: Membership | None) -> StaffDecision:
        assert access.merchant
        assert access.membership
        assert existing
        seen.append((access.membership.role, existing.uid))
        return Decision(StaffState(access.merchant, existing), (), access.merchant)

    before = await ground.data("merchants/mer_1")
    await staff.change("mer_1", "staff", "ravi", decide)
    assert seen == [("owner", "ravi")]
    assert await ground.data("merchants/mer_1") == before


async def test_the_memberships_of_a_person_are_found_at_all_merchants_the_oldest_first(
    ground: Ground, staff: FirestoreStaff
) -> None:
    await add(staff, "meera")
    for n in range(MAX_MEMBERSHIPS + 1):
        known = replace(membership("ravi", f"mer_{n}"), since=NOW - timedelta(days=n))
        await ground.put(f"merchants/mer_{n}/staff/ravi", known)
    found = await memberships_of(ground.database, "ravi")
    assert [one.merchant_id for one in found] == [f"mer_{n}" for n in range(MAX_MEMBERSHIPS, 0, -1)]
    assert {one.uid for one in found} == {"ravi"}
    assert await memberships_of(ground.database, "asha") == []

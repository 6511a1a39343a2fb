"""One suite for the store of addresses: every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from shared.adapters.firestore.addresses import FirestoreAddresses
from shared.kernel.decision import Decision
from shared.kernel.idempotency import AlreadyAnswered, IdempotentRequest
from shared.profiles.addresses import Address, AddressChange, AddressNotFound, removed
from shared.profiles.domain import Profile
from tests.contract.stores import Ground, idempotency


@pytest.fixture
def addresses(ground: Ground) -> FirestoreAddresses:
    return FirestoreAddresses(ground.documents)


HOME = Address("adr_1", "Home", "12th Main", 12.97, 77.64)


async def test_addresses_are_listed_in_the_order_in_which_they_were_added(
    addresses: FirestoreAddresses,
) -> None:
    assert await addresses.profile_and_addresses("asha") == (None, ())
    office = replace(HOME, id="adr_0", label="Office")
    for address in (HOME, office):
        await _add(addresses, address)

    profile, listed = await addresses.profile_and_addresses("asha")
    assert profile
    assert (profile.addresses, list(listed)) == (("adr_1", "adr_0"), [HOME, office])


async def test_a_removed_address_is_gone_from_both_documents(
    ground: Ground, addresses: FirestoreAddresses
) -> None:
    await _add(addresses, HOME)
    await addresses.change("asha", "adr_1", lambda profile, _: removed(profile, "adr_1"))

    assert await ground.ids("users/asha/addresses") == []
    profile, listed = await addresses.profile_and_addresses("asha")
    assert profile
    assert (profile.addresses, listed) == ((), ())


async def test_a_changed_address_keeps_its_place_in_the_list(
    ground: Ground, addresses: FirestoreAddresses
) -> None:
    for address in (HOME, replace(HOME, id="adr_2")):
        await _add(addresses, address)
    moved = replace(HOME, address="5th Cross", version=2)

    def move(profile: Profile | None, address: Address | None) -> Decision[AddressChange, None]:
        assert profile
        assert address == HOME
        return Decision(AddressChange(profile, moved), (), None)

    await addresses.change("asha", "adr_1", move)
    _, listed = await addresses.profile_and_addresses("asha")
    assert list(listed) == [moved, replace(HOME, id="adr_2")]


async def test_additions_at_once_are_all_kept(addresses: FirestoreAddresses) -> None:
    homes = [replace(HOME, id=f"adr_{number}") for number in range(4)]
    await asyncio.gather(*(_add(addresses, home) for home in homes))

    profile, listed = await addresses.profile_and_addresses("asha")
    assert profile
    assert sorted(profile.addresses) == [f"adr_{number}" for number in range(4)]
    assert len(listed) == 4


async def test_an_addition_that_an_edit_of_the_profile_overtook_keeps_the_edit(
    ground: Ground, addresses: FirestoreAddresses
) -> None:
    await _add(addresses, HOME)
    ground.database.overtake("users/asha", name="Asha R")
    await _add(addresses, replace(HOME, id="adr_2"))

    profile, listed = await addresses.profile_and_addresses("asha")
    assert profile
    assert (profile.name, len(listed)) == ("Asha R", 2)


async def test_a_refusal_stores_nothing(ground: Ground, addresses: FirestoreAddresses) -> None:
    with pytest.raises(AddressNotFound):
        await addresses.change("asha", "adr_1", lambda profile, _: removed(profile, "adr_1"))
    assert await ground.ids("users") == []


async def test_a_repeated_request_gets_the_first_answer_and_adds_nothing(
    ground: Ground, addresses: FirestoreAddresses
) -> None:
    request = idempotency(lambda added: {"id": added.id})
    await _add(addresses, HOME, request)
    with pytest.raises(AlreadyAnswered) as again:
        await _add(addresses, replace(HOME, id="adr_2"), request)
    assert again.value.answer == {"id": "adr_1"}

    assert await ground.ids("users/asha/addresses") == ["adr_1"]


async def _add(
    addresses: FirestoreAddresses, address: Address, request: IdempotentRequest | None = None
) -> None:
    def decide(profile: Profile | None, _: Address | None) -> Decision[AddressChange, Address]:
        known = profile or Profile("asha")
        after = replace(known, addresses=(*known.addresses, address.id))
        return Decision(AddressChange(after, address), (), address)

    await addresses.change("asha", address.id, decide, request)

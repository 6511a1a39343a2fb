"""One suite for address books: every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from shared.accounts.domain import Account
from shared.adapters.firestore.addresses import FirestoreAddresses
from shared.kernel.idempotency import AlreadyAnswered, IdempotentRequest
from shared.profiles.addresses import Address, AddressNotFound, Placed, removed
from tests.contract.stores import Ground, idempotency


@pytest.fixture
def book(ground: Ground) -> FirestoreAddresses:
    return FirestoreAddresses(ground.documents)


HOME = Address("adr_1", "Home", "12th Main", 12.97, 77.64)


async def test_they_are_listed_in_the_order_in_which_they_came(book: FirestoreAddresses) -> None:
    assert await book.of("asha") == (None, ())
    office = replace(HOME, id="adr_0", label="Office")
    for address in (HOME, office):
        await _add(book, address)

    account, listed = await book.of("asha")
    assert account
    assert (account.addresses, list(listed)) == (("adr_1", "adr_0"), [HOME, office])


async def test_one_that_goes_is_gone_from_both_documents(ground: Ground, book: FirestoreAddresses) -> None:
    await _add(book, HOME)
    await book.change("asha", "adr_1", lambda account, _: removed(account, "adr_1"))

    assert await ground.ids("users/asha/addresses") == []
    account, listed = await book.of("asha")
    assert account
    assert (account.addresses, listed) == ((), ())


async def test_one_that_changes_keeps_its_place(ground: Ground, book: FirestoreAddresses) -> None:
    for address in (HOME, replace(HOME, id="adr_2")):
        await _add(book, address)
    moved = replace(HOME, address="5th Cross", version=2)

    def move(account: Account | None, address: Address | None) -> Placed:
        assert account
        assert address == HOME
        return Placed(account, moved)

    await book.change("asha", "adr_1", move)
    _, listed = await book.of("asha")
    assert list(listed) == [moved, replace(HOME, id="adr_2")]


async def test_additions_at_once_are_all_in_the_book(book: FirestoreAddresses) -> None:
    homes = [replace(HOME, id=f"adr_{number}") for number in range(4)]
    await asyncio.gather(*(_add(book, home) for home in homes))

    account, listed = await book.of("asha")
    assert account
    assert sorted(account.addresses) == [f"adr_{number}" for number in range(4)]
    assert len(listed) == 4


async def test_one_that_an_edit_of_the_profile_overtook_keeps_the_edit(
    ground: Ground, book: FirestoreAddresses
) -> None:
    await _add(book, HOME)
    ground.database.overtake("users/asha", name="Asha R")
    await _add(book, replace(HOME, id="adr_2"))

    account, listed = await book.of("asha")
    assert account
    assert (account.name, len(listed)) == ("Asha R", 2)


async def test_a_refusal_stores_nothing(ground: Ground, book: FirestoreAddresses) -> None:
    with pytest.raises(AddressNotFound):
        await book.change("asha", "adr_1", lambda account, _: removed(account, "adr_1"))
    assert await ground.ids("users") == []


async def test_the_same_request_again_is_told_and_adds_nothing(
    ground: Ground, book: FirestoreAddresses
) -> None:
    request = idempotency(lambda placed: {"id": placed.address.id})
    await _add(book, HOME, request)
    with pytest.raises(AlreadyAnswered) as again:
        await _add(book, replace(HOME, id="adr_2"), request)
    assert again.value.answer == {"id": "adr_1"}

    assert await ground.ids("users/asha/addresses") == ["adr_1"]


async def _add(
    book: FirestoreAddresses, address: Address, request: IdempotentRequest | None = None
) -> Placed:
    def decide(account: Account | None, _: Address | None) -> Placed:
        known = account or Account("asha")
        return Placed(replace(known, addresses=(*known.addresses, address.id)), address)

    return await book.change("asha", address.id, decide, request)

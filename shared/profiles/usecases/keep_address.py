"""A person adds a place to their address book, changes one or removes it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.domain import Account, account_of
from shared.kernel.actor import Principal
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId
from shared.profiles.addresses import (
    Address,
    AddressUnknown,
    Entry,
    Location,
    Placed,
    added,
    changed,
    removed,
)
from shared.profiles.ports import AddressBook, Geocoder


@dataclass(frozen=True, slots=True)
class AddAddress:
    """Whose address book, and what comes into it."""

    person: Principal
    entry: Entry
    default: bool = False


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """Whose address, what it shall say, and which of its versions they have seen (None: any)."""

    uid: str
    address_id: str
    entry: Entry
    default: bool = False
    versions: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    """Whose address, and which."""

    uid: str
    address_id: str


async def add_address(
    command: AddAddress,
    *,
    book: AddressBook,
    geocoder: Geocoder,
    ids: NewId,
    idempotency: IdempotentRequest | None = None,
) -> Placed:
    """Store the address and return it with its account. Raises `AddressUnknown`, `TooManyAddresses`."""
    point = await _located(command.entry, geocoder)
    address_id = ids("adr")

    def decide(account: Account | None, _: Address | None) -> Placed:
        whole = account or account_of(command.person, None)
        return added(whole, address_id, command.entry, point, default=command.default)

    return await book.change(command.person.uid, address_id, decide, idempotency)


async def change_address(command: ChangeAddress, *, book: AddressBook, geocoder: Geocoder) -> Placed:
    """Replace the address and return it. Raises `AddressUnknown`, `AddressNotFound`, `AddressChanged`."""
    point = await _located(command.entry, geocoder)

    def decide(account: Account | None, address: Address | None) -> Placed:
        return changed(
            account, address, command.entry, point, default=command.default, versions=command.versions
        )

    return await book.change(command.uid, command.address_id, decide)


async def remove_address(command: RemoveAddress, *, book: AddressBook) -> None:
    """Forget the address. Raises `AddressNotFound`."""

    def decide(account: Account | None, _: Address | None) -> Placed:
        return removed(account, command.address_id)

    await book.change(command.uid, command.address_id, decide)


async def _located(entry: Entry, geocoder: Geocoder) -> Location:
    """Return where the place is: where the person says, else where the map knows it."""
    if entry.point:
        return entry.point
    found = await geocoder.locate(entry.address)
    if found is None:
        raise AddressUnknown
    return found

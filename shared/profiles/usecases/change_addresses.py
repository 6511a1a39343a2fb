"""A user adds a place to their address book, changes one or removes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId
from shared.profiles.addresses import (
    Address,
    AddressChange,
    AddressTooVague,
    AddressUnknown,
    Entry,
    ListedAddress,
    Location,
    PositionNeeded,
    SavedAddress,
    added,
    changed,
    removed,
)
from shared.profiles.domain import Profile, profile_of
from shared.profiles.ports import AddressStore, Geocoder


@dataclass(frozen=True, slots=True)
class AddAddress:
    """The user, and the place that they add."""

    person: Principal
    entry: Entry
    default: bool = False


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """The address, its new values, and the versions that they may replace (None: any)."""

    uid: str
    address_id: str
    entry: Entry
    default: bool = False
    versions: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    """The address, and its owner."""

    uid: str
    address_id: str


async def add_address(
    command: AddAddress,
    *,
    addresses: AddressStore,
    geocoder: Geocoder,
    ids: NewId,
    idempotency: IdempotentRequest | None = None,
) -> ListedAddress:
    """Store the address and return it.

    Raises `AddressUnknown`, `AddressTooVague` or `TooManyAddresses`.
    """
    address_id = ids("adr")

    async def add(point: Location | None) -> ListedAddress:
        def decide(stored: Profile | None, _: Address | None) -> SavedAddress:
            profile = stored or profile_of(command.person, None)
            return added(profile, address_id, command.entry, point, default=command.default)

        # mutant: place-for-each-click
        return await addresses.change(command.person.uid, address_id, decide, idempotency)

    return await _located(command.entry, geocoder, add)


async def change_address(
    command: ChangeAddress, *, addresses: AddressStore, geocoder: Geocoder
) -> ListedAddress:
    """Replace the address and return it.

    Raises `AddressUnknown`, `AddressTooVague`, `AddressNotFound` or `AddressChanged`.
    """

    async def change(point: Location | None) -> ListedAddress:
        def decide(profile: Profile | None, address: Address | None) -> SavedAddress:
            return changed(
                profile, address, command.entry, point, default=command.default, versions=command.versions
            )

        return await addresses.change(command.uid, command.address_id, decide)

    return await _located(command.entry, geocoder, change)


async def remove_address(command: RemoveAddress, *, addresses: AddressStore) -> None:
    """Delete the address. Raises `AddressNotFound`."""

    def decide(profile: Profile | None, _: Address | None) -> Decision[AddressChange, None]:
        return removed(profile, command.address_id)

    await addresses.change(command.uid, command.address_id, decide)


async def _located(
    entry: Entry, geocoder: Geocoder, save: Callable[[Location | None], Awaitable[ListedAddress]]
) -> ListedAddress:
    """Save with the position that the user sent, or with that of the map.

    The map is asked after everything else was checked: a refused or repeated request costs no look-up.
    """
    try:
        return await save(entry.point)
    except PositionNeeded:
        found = await geocoder.locate(entry.address)
    if found is None:
        raise AddressUnknown
    if not found.exact:  # mutant: vague-address
        raise AddressTooVague
    return await save(found.location)

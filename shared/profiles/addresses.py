"""The rules about a person's address book."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.accounts.domain import Account
from shared.kernel.errors import Invalid, NotFound, PreconditionFailed, WrongState

MAX_ADDRESSES = 20


class AddressNotFound(NotFound):
    """You have no such address."""

    code = "ADDRESS_NOT_FOUND"
    detail = "You have no such address."


class AddressUnknown(Invalid):
    """No place is known by this address; correct it, or send its coordinates."""

    code = "ADDRESS_UNKNOWN"
    detail = "No place is known by this address; correct it, or send its coordinates."


class TooManyAddresses(WrongState):
    """An address book holds 20 addresses; remove one first."""

    code = "TOO_MANY_ADDRESSES"
    detail = "An address book holds 20 addresses; remove one first."


class AddressChanged(PreconditionFailed):
    """The address has changed since you read it; read it again."""

    code = "ADDRESS_CHANGED"
    detail = "The address has changed since you read it; read it again."


@dataclass(frozen=True, slots=True)
class Location:
    """A position in degrees, WGS 84. (The kernel's `Point` brings a library that most functions lack.)"""

    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person says of a place; `notes` tell the driver how to get in."""

    label: str
    address: str
    notes: str = ""
    point: Location | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """One place in somebody's address book."""

    id: str
    label: str
    address: str
    lat: float
    lng: float
    notes: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Placed:
    """An account and the address that came, changed or (None) went."""

    account: Account
    address: Address | None


def added(account: Account, id: str, entry: Entry, point: Location, *, default: bool) -> Placed:  # noqa: A002
    """Return the account with one address more; the first is the default. Raises `TooManyAddresses`."""
    if len(account.addresses) >= MAX_ADDRESSES:
        raise TooManyAddresses
    address = Address(id, entry.label, entry.address, point.lat, point.lng, entry.notes)
    first = id if default or not account.addresses else account.default_address
    return Placed(
        replace(account, addresses=(*account.addresses, id), default_address=first),
        address,
    )


def changed(
    account: Account | None,
    address: Address | None,
    entry: Entry,
    point: Location,
    *,
    default: bool,
    versions: frozenset[int] | None,
) -> Placed:
    """Return the address as `entry` says, under its next version; `default` makes it the default.

    Raises `AddressNotFound`, or `AddressChanged` when none of `versions` stands.
    """
    if account is None or address is None or address.id not in account.addresses:
        raise AddressNotFound
    if versions is not None and address.version not in versions:
        raise AddressChanged
    after = Address(
        address.id, entry.label, entry.address, point.lat, point.lng, entry.notes, address.version + 1
    )
    return Placed(replace(account, default_address=address.id) if default else account, after)


def removed(account: Account | None, id: str) -> Placed:  # noqa: A002
    """Return the account without the address; the oldest of the others becomes the default.

    Raises `AddressNotFound`.
    """
    if account is None or id not in account.addresses:
        raise AddressNotFound
    left = tuple(known for known in account.addresses if known != id)
    # mutant: default-stays
    default = account.default_address if account.default_address in left else next(iter(left), "")
    return Placed(replace(account, addresses=left, default_address=default), None)

"""The rules about a user's address book."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.kernel.decision import Decision
from shared.kernel.errors import Invalid, NotFound, PreconditionFailed, WrongState
from shared.profiles.domain import Profile

MAX_ADDRESSES = 20


class AddressNotFound(NotFound):
    """You have no such address."""

    code = "ADDRESS_NOT_FOUND"
    detail = "You have no such address."


class AddressUnknown(Invalid):
    """The map does not know this address; correct it, or send its coordinates."""

    code = "ADDRESS_UNKNOWN"
    detail = "The map does not know this address; correct it, or send its coordinates."


class AddressTooVague(Invalid):
    """The map knows only the area of this address."""

    code = "ADDRESS_TOO_VAGUE"
    detail = "The map knows only the area of this address. Add the street and house number, or set the pin."


class TooManyAddresses(WrongState):
    """An address book holds 20 addresses; remove one first."""

    code = "TOO_MANY_ADDRESSES"
    detail = "An address book holds 20 addresses; remove one first."


class AddressChanged(PreconditionFailed):
    """The address has changed since you read it; read it again."""

    code = "ADDRESS_CHANGED"
    detail = "The address has changed since you read it; read it again."


class PositionNeeded(Exception):
    """The request can succeed, and lacks only the position of its address: now the map is worth its price."""


@dataclass(frozen=True, slots=True)
class Location:
    """A position in degrees, WGS 84. (The kernel's `Point` brings a library that most functions lack.)"""

    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class MapMatch:
    """The position of an address on the map; not `exact` where it is the middle of an area, or a guess."""

    location: Location
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as the user enters it; `notes` tell the driver how to get in."""

    label: str
    address: str
    notes: str = ""
    point: Location | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """One place in a user's address book."""

    id: str
    label: str
    address: str
    lat: float
    lng: float
    notes: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class AddressChange:
    """A profile, and the address that was added or changed in it; None for a removed address."""

    profile: Profile
    address: Address | None


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """An address, and whether it is its owner's default."""

    address: Address
    default: bool


SavedAddress = Decision[AddressChange, ListedAddress]


def demand_position(point: Location | None) -> Location:
    """Return the position. Raises `PositionNeeded`."""
    if point is None:
        raise PositionNeeded
    return point


def added(
    profile: Profile,
    id: str,  # noqa: A002
    entry: Entry,
    point: Location | None,
    *,
    default: bool,
) -> SavedAddress:
    """Return the profile with one more address; the first is the default.

    Raises `TooManyAddresses`, or `PositionNeeded` when only the position is missing.
    """
    if len(profile.addresses) >= MAX_ADDRESSES:
        raise TooManyAddresses
    point = demand_position(point)
    address = Address(id, entry.label, entry.address, point.lat, point.lng, entry.notes)
    default_id = id if default or not profile.addresses else profile.default_address
    after = replace(profile, addresses=(*profile.addresses, id), default_address=default_id)
    return _saved(after, address)


def changed(
    profile: Profile | None,
    address: Address | None,
    entry: Entry,
    point: Location | None,
    *,
    default: bool,
    versions: frozenset[int] | None,
) -> SavedAddress:
    """Return the address with the values of `entry`, under its next version; `default` makes it the default.

    An address whose text stays keeps its position. Raises `AddressNotFound`, `AddressChanged` when its
    version is none of `versions`, or `PositionNeeded` when only the position is missing.
    """
    if profile is None or address is None or address.id not in profile.addresses:
        raise AddressNotFound
    if versions is not None and address.version not in versions:
        raise AddressChanged
    if point is None and entry.address == address.address:
        point = Location(address.lat, address.lng)
    point = demand_position(point)
    after = Address(
        address.id, entry.label, entry.address, point.lat, point.lng, entry.notes, address.version + 1
    )
    return _saved(replace(profile, default_address=address.id) if default else profile, after)


def removed(profile: Profile | None, id: str) -> Decision[AddressChange, None]:  # noqa: A002
    """Return the profile without the address; the oldest of the others becomes the default.

    Raises `AddressNotFound`.
    """
    if profile is None or id not in profile.addresses:
        raise AddressNotFound
    left = tuple(known for known in profile.addresses if known != id)
    # mutant: default-stays
    default = profile.default_address if profile.default_address in left else next(iter(left), "")
    return Decision(AddressChange(replace(profile, addresses=left, default_address=default), None), (), None)


def _saved(profile: Profile, address: Address) -> SavedAddress:
    listed = ListedAddress(address, address.id == profile.default_address)
    return Decision(AddressChange(profile, address), (), listed)

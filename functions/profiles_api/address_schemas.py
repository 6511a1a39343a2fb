"""Requests and responses about the address book."""

from __future__ import annotations

from shared.accounts.domain import Account
from shared.edge.schemas import Coordinates, RequestModel, ResponseModel, ShortText, Text
from shared.profiles.addresses import Address, Entry, Location, Placed


class AddressRequest(RequestModel):
    """A place of yours; without coordinates, the map is asked where it is."""

    label: ShortText
    address: ShortText
    notes: Text = ""
    location: Coordinates | None = None
    default: bool = False

    def entry(self) -> Entry:
        """Return what the person says of the place."""
        point = Location(self.location.lat, self.location.lng) if self.location else None
        return Entry(self.label, self.address, self.notes, point)


class Position(ResponseModel):
    """A position in degrees, WGS 84."""

    lat: float
    lng: float


class AddressView(ResponseModel):
    """One of your places; the driver reads the notes."""

    id: str
    label: str
    address: str
    notes: str
    location: Position
    default: bool
    version: int

    @classmethod
    def of(cls, address: Address, account: Account) -> AddressView:
        """Return the view of an address in an account's book."""
        return cls(
            id=address.id,
            label=address.label,
            address=address.address,
            notes=address.notes,
            location=Position(lat=address.lat, lng=address.lng),
            default=address.id == account.default_address,
            version=address.version,
        )

    @classmethod
    def of_placed(cls, placed: Placed) -> AddressView:
        """Return the view of an address that was just stored."""
        assert placed.address is not None  # noqa: S101 - it was not removed
        return cls.of(placed.address, placed.account)


class AddressList(ResponseModel):
    """Your places, the oldest first."""

    addresses: list[AddressView]

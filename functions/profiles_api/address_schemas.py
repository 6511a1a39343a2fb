"""Requests and responses about the address book."""

from __future__ import annotations

from shared.edge.reported import Coordinates
from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import AddressLine, Name, Note
from shared.profiles.addresses import Entry, ListedAddress, Location


class AddressRequest(RequestModel):
    """An address of yours; without coordinates, the map provides its position."""

    label: Name
    address: AddressLine
    notes: Note = ""
    location: Coordinates | None = None
    default: bool = False

    def entry(self) -> Entry:
        """Return the place as the user enters it."""
        point = Location(self.location.lat, self.location.lng) if self.location else None
        return Entry(self.label, self.address, self.notes, point)


class Position(ResponseModel):
    """A position in degrees, WGS 84."""

    lat: float
    lng: float


class AddressView(ResponseModel):
    """One of your addresses. Send its `notes` with a quote's `dropoff`: the driver reads them there."""

    id: str
    label: str
    address: str
    notes: str
    location: Position
    default: bool
    version: int

    @classmethod
    def of(cls, listed: ListedAddress) -> AddressView:
        """Return the view of an address."""
        address = listed.address
        return cls(
            id=address.id,
            label=address.label,
            address=address.address,
            notes=address.notes,
            location=Position(lat=address.lat, lng=address.lng),
            default=listed.default,
            version=address.version,
        )


class AddressList(ResponseModel):
    """Your addresses, the oldest first."""

    addresses: list[AddressView]

"""Which verification documents a driver needs to deliver, and a merchant to sell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.kernel.licence import Licence
from shared.kernel.order import Business
from shared.kernel.vehicle import DriverDocument, Vehicle
from shared.verification.domain import DocumentKind

Requirements = tuple[frozenset[DocumentKind], ...]
"""One approved document of each set is required."""

DRIVER_DOCUMENTS: Mapping[Vehicle, frozenset[DriverDocument]] = {
    Vehicle.BICYCLE: frozenset({DriverDocument.IDENTITY}),
    Vehicle.SCOOTER: frozenset(DriverDocument),
    Vehicle.CAR: frozenset(DriverDocument),
}
"""What a driver needs where the operator says nothing else."""


@dataclass(frozen=True, slots=True)
class RequirementPolicy:
    """What an operator requires.

    `licences` overrides the rule of single businesses, and `driver_documents` that of single vehicles.
    """

    documents_required: bool = True
    licences: Mapping[Business, frozenset[Licence]] = field(default_factory=dict)
    driver_documents: Mapping[Vehicle, frozenset[DriverDocument]] = field(default_factory=dict)

    def of_driver(self, vehicle: Vehicle) -> Requirements:
        """Return what a driver with this vehicle needs; empty if this operator requires no documents."""
        if not self.documents_required:
            return ()
        kinds = self.driver_documents.get(vehicle, DRIVER_DOCUMENTS[vehicle])
        return tuple(frozenset({DocumentKind(kind)}) for kind in sorted(kinds))

    def of_merchant(self, business: Business, standard: frozenset[Licence]) -> Requirements:
        """Return what a merchant needs: one of the operator's licences, or of the `standard` ones.

        It is empty if the merchant needs no licence.
        """
        accepted = self.licences.get(business, standard)
        if not self.documents_required or not accepted:
            return ()
        return (frozenset(DocumentKind(licence) for licence in accepted),)

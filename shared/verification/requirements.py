"""Which verification documents a driver needs to deliver, and a merchant to sell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.kernel.licence import Licence
from shared.kernel.order import Business
from shared.verification.domain import DocumentKind

Requirements = tuple[frozenset[DocumentKind], ...]
"""One approved document of each set is required."""

DRIVER_REQUIREMENTS: Requirements = (
    frozenset({DocumentKind.DRIVING_LICENCE}),
    frozenset({DocumentKind.IDENTITY}),
)


@dataclass(frozen=True, slots=True)
class RequirementPolicy:
    """What an operator requires; `licences` overrides the rule of single businesses."""

    documents_required: bool = True
    licences: Mapping[Business, frozenset[Licence]] = field(default_factory=dict)

    def of_driver(self) -> Requirements:
        """Return what a driver needs; empty if this operator requires no documents."""
        return DRIVER_REQUIREMENTS if self.documents_required else ()

    def of_merchant(self, business: Business, standard: frozenset[Licence]) -> Requirements:
        """Return what a merchant needs: one of the operator's licences, or of the `standard` ones.

        It is empty if the merchant needs no licence.
        """
        accepted = self.licences.get(business, standard)
        if not self.documents_required or not accepted:
            return ()
        return (frozenset(DocumentKind(licence) for licence in accepted),)

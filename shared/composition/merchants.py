"""The ports of the catalogue's event consumers: merchants and their licences."""

from __future__ import annotations

from functools import cached_property

from shared.catalogue.ports import Licences, MerchantStore
from shared.composition.documents import DocumentPorts
from shared.edge.settings import ApprovalSettings
from shared.verification.requirements import RequirementPolicy


class MerchantPorts(DocumentPorts):
    """Merchants and their licences."""

    @cached_property
    def merchants(self) -> MerchantStore:
        """Return the merchants and their menus."""
        from shared.adapters.firestore.catalogue import FirestoreMerchants

        return FirestoreMerchants(self.documents)

    @cached_property
    def licences(self) -> Licences:
        """Return the licences of merchants."""
        from shared.adapters.firestore.licences import FirestoreLicences

        own = self.runtime.settings(ApprovalSettings)
        policy = RequirementPolicy(own.documents_required, own.required_licences)
        return FirestoreLicences(self.database, policy)

"""The ports of verification, without the sanitiser of images."""

from __future__ import annotations

from functools import cached_property

from shared.composition.documents import DocumentPorts
from shared.edge.settings import Settings
from shared.verification.domain import VerificationRules
from shared.verification.ports import ObjectStore, VerificationStore


class ObjectStoreSettings(Settings):
    """The bucket of verification documents, and the service account that signs its URLs."""

    document_bucket: str
    signing_account: str
    storage_api_url: str = "https://storage.googleapis.com"
    iam_api_url: str = "https://iamcredentials.googleapis.com"


class VerificationPorts(DocumentPorts):
    """What the use cases of verification documents need, except processing uploads."""

    @cached_property
    def store(self) -> VerificationStore:
        """Return the store of verification documents."""
        from shared.adapters.firestore.verification import FirestoreVerification

        return FirestoreVerification(self.documents)

    @cached_property
    def objects(self) -> ObjectStore:
        """Return the object store of their files."""
        return self.runtime.external("object store", self._open_objects)

    @property
    def rules(self) -> VerificationRules:
        """Return the limits and periods of verification documents."""
        return self.runtime.policy(VerificationRules)

    def _open_objects(self) -> ObjectStore:
        from shared.adapters.object_store import Bucket, CloudObjectStore

        own = self.runtime.settings(ObjectStoreSettings)
        return CloudObjectStore(
            Bucket(own.document_bucket, own.signing_account, own.storage_api_url, own.iam_api_url)
        )

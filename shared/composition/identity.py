"""The ports of identity."""

from __future__ import annotations

from functools import cached_property

from shared.composition.copies import CopyPorts
from shared.composition.documents import DocumentPorts
from shared.edge.environment import Secret
from shared.edge.settings import Settings
from shared.identity.ports import ContactStore, IdentityProvider, SecretCipher, SecurityStore, StatusCache
from shared.identity.second_factor import SecondFactorRules


class SecondFactorSettings(Settings):
    """The keys that encrypt the secrets of second factors (`name:hex,…`, the newest first)."""

    second_factor_keys: Secret


class IdentityPorts(CopyPorts, DocumentPorts):
    """What sign-ins, second factors and the administration of accounts need."""

    @cached_property
    def statuses(self) -> StatusCache:
        """Return the account statuses that hot routes keep."""
        from shared.adapters.redis_statuses import RedisStatusCache

        return self.runtime.external("status cache", lambda: RedisStatusCache(self.redis_pipeline))

    @cached_property
    def security(self) -> SecurityStore:
        """Return the accounts with their sessions and second factors."""
        from shared.adapters.firestore.identity import FirestoreSecurity

        return FirestoreSecurity(self.documents)

    @cached_property
    def contacts(self) -> ContactStore:
        """Return the names and addresses of users."""
        from shared.adapters.firestore.profiles import FirestoreProfiles

        return FirestoreProfiles(self.documents)

    @cached_property
    def cipher(self) -> SecretCipher:
        """Return the cipher of second-factor secrets."""
        return self.runtime.external("secret cipher", self._open_cipher)

    @cached_property
    def identities(self) -> IdentityProvider:
        """Return the service that signs users in."""
        return self.runtime.external("identity provider", self._open_identities)

    @property
    def second_factor_rules(self) -> SecondFactorRules:
        """Return how long codes count and wrong codes lock."""
        return self.runtime.policy(SecondFactorRules)

    def _open_cipher(self) -> SecretCipher:
        from shared.adapters.secret_cipher import AesGcmCipher, parse_keys

        settings = self.runtime.settings(SecondFactorSettings)
        return AesGcmCipher(parse_keys(settings.second_factor_keys.reveal()))

    def _open_identities(self) -> IdentityProvider:
        from shared.adapters.firebase_users import firebase_users

        return firebase_users(self.runtime.settings(Settings).google_cloud_project)

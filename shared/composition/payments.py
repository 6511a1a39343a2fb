"""The ports of payments without the gateways, whose webhooks they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from shared.composition.documents import DocumentPorts
from shared.edge.environment import Secret
from shared.edge.settings import Settings
from shared.payments.domain import BadSignature
from shared.payments.ports import PaymentStore, WebhookReader


class WebhookSettings(Settings):
    """The signing secrets of each gateway, by its name; during a rotation the previous one as well."""

    payment_webhook_secrets: Mapping[str, tuple[Secret, ...]]


def _upi(secrets: Sequence[str]) -> WebhookReader:
    from shared.adapters.gateways.upi_webhooks import UpiWebhooks

    return UpiWebhooks(secrets)


READERS: Mapping[str, Callable[[Sequence[str]], WebhookReader]] = {"upi": _upi}
"""What reads the webhooks of a gateway, by its name, which is the end of the URL that it calls."""


class PaymentsPorts(DocumentPorts):
    """The ports for payments and webhooks."""

    @cached_property
    def store(self) -> PaymentStore:
        """Return the store of payments and refunds."""
        from shared.adapters.firestore.payments import FirestorePayments

        return FirestorePayments(self.documents)

    def reader(self, gateway: str) -> WebhookReader:
        """Return the reader of a gateway's signed webhooks.

        Raises `BadSignature` where this installation has no secret for the gateway: it takes none from it.
        """
        if gateway not in self._readers:
            self._readers[gateway] = self._open_reader(gateway)
        return self._readers[gateway]

    @cached_property
    def _readers(self) -> dict[str, WebhookReader]:
        return {}

    def _open_reader(self, gateway: str) -> WebhookReader:
        secrets = self.runtime.settings(WebhookSettings).payment_webhook_secrets.get(gateway, ())
        if not secrets:
            raise BadSignature
        return READERS[gateway]([secret.reveal() for secret in secrets])

"""The ports of payments without the gateway."""

from __future__ import annotations

from functools import cached_property

from pydantic import SecretStr

from shared.adapters.firestore.payments import FirestorePayments
from shared.composition.documents import DocumentPorts
from shared.edge.settings import Settings
from shared.payments.ports import PaymentStore, WebhookReader


class WebhookSettings(Settings):
    """The gateway's signing secrets; the previous secret is accepted during a rotation."""

    upi_webhook_secret: SecretStr
    upi_webhook_secret_previous: SecretStr = SecretStr("")


class PaymentsPorts(DocumentPorts):
    """The ports for payments and webhooks."""

    @cached_property
    def store(self) -> PaymentStore:
        """Return the store of payments and refunds."""
        return FirestorePayments(self.documents)

    @cached_property
    def reader(self) -> WebhookReader:
        """Return the reader of signed webhooks."""
        from shared.adapters.gateways.upi_webhooks import UpiWebhooks

        settings = self.runtime.settings(WebhookSettings)
        secrets = (settings.upi_webhook_secret, settings.upi_webhook_secret_previous)
        return UpiWebhooks([secret.get_secret_value() for secret in secrets])

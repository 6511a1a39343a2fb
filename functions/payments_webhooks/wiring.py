"""Builds what `payments_webhooks` needs, on first use."""

from functools import cache

from pydantic import SecretStr

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.gateways.upi_webhooks import UpiWebhooks
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings
from shared.payments.ports import PaymentStore, WebhookReader


class WebhookSettings(Settings):
    """The provider's signing secrets; the previous secret is accepted during a rotation."""

    upi_webhook_secret: SecretStr
    upi_webhook_secret_previous: SecretStr = SecretStr("")


@cache
def settings() -> WebhookSettings:
    """Return the settings of this process."""
    return WebhookSettings()


@cache
def _cloud() -> Cloud:
    return open_cloud(settings())


@cache
def store() -> PaymentStore:
    """Return the store of payments and refunds."""
    return FirestorePayments(_cloud().documents)


@cache
def reader() -> WebhookReader:
    """Return the reader of signed webhooks."""
    secrets = (settings().upi_webhook_secret, settings().upi_webhook_secret_previous)
    return UpiWebhooks([secret.get_secret_value() for secret in secrets])


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
    }

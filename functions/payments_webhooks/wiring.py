"""Builds what `payments_webhooks` needs, on first use."""

from functools import cache

from pydantic import SecretStr

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.gateways.upi_webhooks import UpiWebhooks
from shared.adapters.pubsub import PubSubPublisher
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings
from shared.payments.ports import NoticeReader, PaymentStore


class WebhookSettings(Settings):
    """What the provider signs with; the previous secret is accepted while it is being replaced."""

    upi_webhook_secret: SecretStr
    upi_webhook_secret_previous: SecretStr = SecretStr("")


@cache
def settings() -> WebhookSettings:
    """Return the settings of this process."""
    return WebhookSettings()


@cache
def store() -> PaymentStore:
    """Return the books."""
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return FirestorePayments(DocumentStore(FirestoreDatabase(project), publisher))


@cache
def reader() -> NoticeReader:
    """Return the reader of signed news."""
    secrets = (settings().upi_webhook_secret, settings().upi_webhook_secret_previous)
    return UpiWebhooks([secret.get_secret_value() for secret in secrets])


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    own = settings()
    return {
        "firestore": Dependency(FirestoreDatabase(own.google_cloud_project).ping),
        "pubsub": Dependency(
            PubSubPublisher(own.google_cloud_project, own.pubsub_emulator_host).ping, needed=False
        ),
    }

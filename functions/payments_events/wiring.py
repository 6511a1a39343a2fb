"""Builds what `payments_events` needs, on first use."""

from functools import cache

from pydantic import SecretStr

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.client import FirestoreDatabase
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.gateways.upi import UpiGateway, open_client
from shared.adapters.pubsub import PubSubPublisher
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import Settings
from shared.payments.ports import PaymentGateway, PaymentStore


class PaymentSettings(Settings):
    """Where the payment provider is, and our key to it."""

    upi_api_url: str
    upi_key_id: str
    upi_key_secret: SecretStr


@cache
def settings() -> PaymentSettings:
    """Return the settings of this process."""
    return PaymentSettings()


@cache
def store() -> PaymentStore:
    """Return the books."""
    project = settings().google_cloud_project
    publisher = PubSubPublisher(project, settings().pubsub_emulator_host)
    return FirestorePayments(DocumentStore(FirestoreDatabase(project), publisher))


@cache
def _upi() -> UpiGateway:
    key = settings().upi_key_secret.get_secret_value()
    return UpiGateway(open_client(settings().upi_api_url, settings().upi_key_id, key))


def gateway() -> PaymentGateway:
    """Return the payment provider."""
    return _upi()


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    own = settings()
    return {
        "firestore": Dependency(FirestoreDatabase(own.google_cloud_project).ping),
        "pubsub": Dependency(
            PubSubPublisher(own.google_cloud_project, own.pubsub_emulator_host).ping, needed=False
        ),
        "gateway": Dependency(_upi().ping),
    }

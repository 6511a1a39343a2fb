"""Builds what `payments_cron` needs, on first use."""

from functools import cache

from shared.adapters.cloud import Cloud, open_cloud
from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.gateways.upi import UpiGateway, open_client
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import PaymentSettings
from shared.payments.ports import PaymentStore


@cache
def settings() -> PaymentSettings:
    """Return the settings of this process."""
    return PaymentSettings()


@cache
def _cloud() -> Cloud:
    return open_cloud(settings())


@cache
def store() -> PaymentStore:
    """Return the store of payments and refunds."""
    return FirestorePayments(_cloud().documents)


@cache
def gateway() -> UpiGateway:
    """Return the payment provider."""
    own = settings()
    return UpiGateway(open_client(own.upi_api_url, own.upi_key_id, own.upi_key_secret.get_secret_value()))


@cache
def dependencies() -> Dependencies:
    """Return what `/health/ready` asks."""
    return {
        "firestore": Dependency(_cloud().database.ping),
        "pubsub": Dependency(_cloud().bus.ping, needed=False),
        "gateway": Dependency(gateway().ping),
    }

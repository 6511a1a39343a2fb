"""The ports of payments with the gateway. The webhook function must not load an HTTP client."""

from __future__ import annotations

from functools import cached_property

from shared.adapters.gateways.upi import UpiGateway, open_client
from shared.composition.payments import PaymentsPorts
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import PaymentSettings


class GatewayPorts(PaymentsPorts):
    """The ports for charges and refunds."""

    @cached_property
    def gateway(self) -> UpiGateway:
        """Return the payment gateway."""
        return self.runtime.external("payment gateway", self._open_gateway)

    def _open_gateway(self) -> UpiGateway:
        settings = self.runtime.settings(PaymentSettings)
        secret = settings.upi_key_secret.get_secret_value()
        return UpiGateway(open_client(settings.upi_api_url, settings.upi_key_id, secret))

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks."""
        return {**super().dependencies, "gateway": Dependency(self.gateway.ping)}

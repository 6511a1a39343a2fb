"""The ports of payments with the gateways. The webhook function must not load an HTTP client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from shared.composition.payments import PaymentsPorts
from shared.edge.health import Dependencies, Dependency
from shared.edge.settings import GatewayKey, PaymentSettings

if TYPE_CHECKING:
    from shared.adapters.gateways.by_method import Gateway, GatewayByMethod


def _upi(url: str, key: GatewayKey) -> Gateway:
    from shared.adapters.gateways.upi import UpiGateway, open_client

    return UpiGateway(open_client(url, key.key_id, key.key_secret.reveal()))


GATEWAYS: Mapping[str, Callable[[str, GatewayKey], Gateway]] = {"upi": _upi}
"""What opens a gateway, by its name; `Method.gateway` says which method it serves."""


class GatewayPorts(PaymentsPorts):
    """The ports for charges and refunds."""

    @cached_property
    def gateway(self) -> GatewayByMethod:
        """Return the payment gateways as one."""
        return self.runtime.external("payment gateway", self._open_gateways)

    def _open_gateways(self) -> GatewayByMethod:
        from shared.adapters.gateways.by_method import GatewayByMethod

        settings = self.runtime.settings(PaymentSettings)
        urls, keys = settings.payment_gateway_urls, settings.payment_gateway_keys
        return GatewayByMethod({name: GATEWAYS[name](urls[name], key) for name, key in keys.items()})

    @property
    def dependencies(self) -> Dependencies:
        """Return what `/health/ready` asks."""
        return {**super().dependencies, "gateway": Dependency(self.gateway.ping)}

"""`payments.ports.PaymentGateway` over all gateways: a payment and its refunds go to that of its method."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from shared.payments.domain import Charge, Method, MethodUnavailable, Payment, Refund, RefundReport
from shared.payments.ports import Intent, IntentRequest, PaymentGateway


class Gateway(PaymentGateway, Protocol):
    """A gateway that can be asked whether it is there."""

    async def ping(self) -> None:
        """Return when the gateway answers, whatever the answer. Raises `GatewayUnavailable`."""
        ...


class GatewayByMethod:
    """See `PaymentGateway`. A method raises `MethodUnavailable` where its gateway is not among `gateways`."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways = gateways

    async def ping(self) -> None:
        """Return when all gateways answer. Raises `GatewayUnavailable`."""
        await asyncio.gather(*(gateway.ping() for gateway in self._gateways.values()))

    async def create_intent(self, request: IntentRequest) -> Intent:
        """See `PaymentGateway.create_intent`."""
        return await self._of(request.method).create_intent(request)

    async def fetch(self, payment: Payment) -> Charge:
        """See `PaymentGateway.fetch`."""
        return await self._of(payment.method).fetch(payment)

    async def refund(self, refund: Refund) -> RefundReport:
        """See `PaymentGateway.refund`."""
        return await self._of(refund.method).refund(refund)

    async def fetch_refund(self, refund: Refund) -> RefundReport:
        """See `PaymentGateway.fetch_refund`."""
        return await self._of(refund.method).fetch_refund(refund)

    def _of(self, method: Method) -> Gateway:
        found = self._gateways.get(method.gateway)
        if found is None:
            raise MethodUnavailable
        return found

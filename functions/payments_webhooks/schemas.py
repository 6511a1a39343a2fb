"""Responses of `payments_webhooks`; the provider's adapter reads the requests."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class Received(ResponseModel):
    """The webhook was received; the provider need not repeat it."""

    received: bool = True

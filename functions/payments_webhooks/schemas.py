"""The response of `payments_webhooks`, for the API document; the adapter of the gateway reads the request."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class Received(ResponseModel):
    """The webhook was received; the provider need not repeat it."""

    received: bool = True

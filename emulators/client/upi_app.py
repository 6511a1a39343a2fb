"""A customer's UPI app: opens an intent link and pays."""

from __future__ import annotations

import httpx

from emulators.client.api import body_of
from emulators.client.retries import persist


class UpiApp:
    """A UPI app that talks to the UPI emulator at `url`."""

    def __init__(self, http: httpx.AsyncClient, url: str, *, retry_seconds: float = 0.0) -> None:
        self._http = http
        self._url = f"{url}/upi/app/pay"
        self._retry_seconds = retry_seconds

    async def pay(self, link: str) -> None:
        """Pay what the link asks for. Raises `Refused`, or `Unanswered` when the emulator does not answer."""
        content = {"link": link, "approve": True}
        body_of(await persist(lambda: self._http.post(self._url, json=content), self._retry_seconds))

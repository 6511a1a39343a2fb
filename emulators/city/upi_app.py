"""The customer's UPI app: opens an intent link and pays."""

from __future__ import annotations

import asyncio

import httpx

from emulators.city.api import Refused, Unanswered, pauses

PATIENCE_SECONDS = 30.0


class UpiApp:
    """Any UPI app, at the UPI emulator's address."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = f"{url}/upi/app/pay"

    async def pay(self, link: str) -> None:
        """Pay what the link asks for. Raises `Refused`, or `Unanswered` when UPI stays away."""
        problem = ""
        for pause in pauses(PATIENCE_SECONDS):
            try:
                answer = await self._client.post(self._url, json={"link": link, "approve": True})
            except httpx.TransportError as error:
                problem = repr(error)
            else:
                if answer.is_client_error:
                    raise Refused("UPI app", answer.status_code, "", answer.text[:200])
                if answer.is_success:
                    return
                problem = f"{answer.status_code} {answer.text[:200]}"
            await asyncio.sleep(pause)
        raise Unanswered(f"UPI app: {problem}")

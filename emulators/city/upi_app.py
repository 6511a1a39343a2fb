"""A customer's UPI app: opens an intent link and pays."""

from __future__ import annotations

import asyncio

import httpx

from emulators.city.api import Refused, Unanswered, retry_pauses

MAX_RETRY_SECONDS = 30.0


class UpiApp:
    """A UPI app that talks to the UPI emulator."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = f"{url}/upi/app/pay"

    async def pay(self, link: str) -> None:
        """Pay what the link asks for. Raises `Refused`, or `Unanswered` when the emulator does not answer."""
        problem = ""
        for pause in retry_pauses(MAX_RETRY_SECONDS):
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

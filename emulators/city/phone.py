"""A phone that receives push messages: it has a device token and polls the FCM emulator."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

WAIT_SECONDS = 20
TIMEOUT = httpx.Timeout(10.0, read=WAIT_SECONDS + 15.0)
PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Push:
    """A message that arrived at `received_at` (Unix time); `data` is for the app."""

    title: str
    data: Mapping[str, str]
    received_at: float


class Phone:
    """Keeps every push in the order of arrival."""

    def __init__(self, client: httpx.AsyncClient, fcm_url: str, token: str) -> None:
        self.token = token
        self.pushes: list[Push] = []
        self._client = client
        self._url = f"{fcm_url}/devices/{token}/messages"
        self._seen = 0
        self._arrived = asyncio.Condition()

    async def listen(self) -> None:
        """Receive messages until cancelled."""
        while True:
            try:
                await self._fetch()
            except httpx.TransportError:
                await asyncio.sleep(PAUSE_SECONDS)  # no network; the messages wait

    async def until(self, order_id: str, template: str) -> Push:
        """Return the first push of a template about an order, as soon as it arrives."""
        async with self._arrived:
            while (found := self._find(order_id, template)) is None:
                await self._arrived.wait()
            return found

    async def _fetch(self) -> None:
        params = {"after": self._seen, "wait": WAIT_SECONDS}
        answer = await self._client.get(self._url, params=params, timeout=TIMEOUT)
        for message in answer.raise_for_status().json()["messages"]:
            self._seen = message["sequence"]
            self.pushes.append(_push(message))
        async with self._arrived:
            self._arrived.notify_all()

    def _find(self, order_id: str, template: str) -> Push | None:
        fields = {"order_id": order_id, "template": template}.items()
        return next((push for push in self.pushes if fields <= push.data.items()), None)


def _push(message: Mapping[str, Any]) -> Push:
    content = message["message"]
    notification = content.get("notification") or {}
    return Push(notification.get("title", ""), content.get("data") or {}, message["received_at"])

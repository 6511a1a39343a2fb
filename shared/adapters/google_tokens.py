"""Access tokens for Google APIs, issued to the service account of the function."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol
from urllib.parse import urlsplit

import google.auth
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request as AuthRequest

from shared.kernel.errors import Unavailable

PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
"""The scope of all rights of the service account."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class AccessTokens(Protocol):
    """The source of bearer tokens for an API."""

    async def current(self) -> str:
        """Return a token that is valid now. Raises `Unavailable`."""
        ...


class LocalTokens:
    """A fixed token that an emulator on this machine accepts for everything."""

    async def current(self) -> str:
        """See `AccessTokens.current`."""
        return "owner"


class GoogleTokens:
    """OAuth tokens of the service account of the function, refreshed shortly before they expire."""

    def __init__(self, scope: str = PLATFORM) -> None:
        self._scope = scope
        self._credentials: Any = None
        self._refreshing = asyncio.Lock()

    async def current(self) -> str:
        """See `AccessTokens.current`; a thread runs the library, because it blocks."""
        async with self._refreshing:
            if self._credentials is None or not self._credentials.valid:
                try:
                    await asyncio.to_thread(self._refresh)
                except GoogleAuthError as error:
                    raise Unavailable("The token service does not answer.") from error
            return str(self._credentials.token)

    def _refresh(self) -> None:
        if self._credentials is None:
            self._credentials, _ = google.auth.default(scopes=[self._scope])
        self._credentials.refresh(AuthRequest())


def access_tokens(base_url: str, scope: str = PLATFORM) -> AccessTokens:
    """Return the tokens for the API at `base_url`: real ones over https, a fixed one on loopback.

    Raises `ValueError` for plain http to another machine, which must not get a real token.
    """
    url = urlsplit(base_url)
    if url.scheme == "https":
        return GoogleTokens(scope)
    if url.scheme == "http" and url.hostname in _LOOPBACK:
        return LocalTokens()
    raise ValueError(f"use https, or http on this machine, for the Google API at {base_url!r}")

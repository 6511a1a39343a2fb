"""Access tokens for Google's APIs: those of the function's own service account."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol
from urllib.parse import urlsplit

import google.auth
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request as AuthRequest

from shared.kernel.errors import Unavailable

PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
"""The scope of everything that the service account's roles allow."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class AccessTokens(Protocol):
    """Where the bearer tokens for an API come from."""

    async def current(self) -> str:
        """Return a token that is valid now. Raises `Unavailable`."""
        ...


class LocalTokens:
    """A fixed token for an emulator on this machine, to which it opens everything."""

    async def current(self) -> str:
        """See `AccessTokens.current`."""
        return "owner"


class GoogleTokens:
    """OAuth tokens of the function's own service account, refreshed shortly before they end."""

    def __init__(self, scope: str = PLATFORM) -> None:
        self._scope = scope
        self._credentials: Any = None
        self._refreshing = asyncio.Lock()

    async def current(self) -> str:
        """See `AccessTokens.current`; the library blocks, hence the thread."""
        async with self._refreshing:
            if self._credentials is None or not self._credentials.valid:
                try:
                    await asyncio.to_thread(self._refresh)
                except GoogleAuthError as error:
                    raise Unavailable("No access token for the service can be had.") from error
            return str(self._credentials.token)

    def _refresh(self) -> None:
        if self._credentials is None:
            self._credentials, _ = google.auth.default(scopes=[self._scope])
        self._credentials.refresh(AuthRequest())


def access_tokens(base_url: str, scope: str = PLATFORM) -> AccessTokens:
    """Return the tokens for the API at `base_url`: Google's own over https, none that matter on loopback.

    Raises `ValueError` for plain http to another machine: a real token must not go there.
    """
    url = urlsplit(base_url)
    if url.scheme == "https":
        return GoogleTokens(scope)
    if url.scheme == "http" and url.hostname in _LOOPBACK:
        return LocalTokens()
    raise ValueError(f"Google is reached over https, or over http on this machine, not at {base_url!r}")

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


def is_local(base_url: str) -> bool:
    """Return whether an API is an emulator on this machine.

    Raises `ValueError` for plain http to another machine: a real token must not be sent there.
    """
    url = urlsplit(base_url)
    if url.scheme == "https":
        return False
    if url.scheme == "http" and url.hostname in _LOOPBACK:
        return True
    raise ValueError(f"Google is reached over https, or over http on this machine, not at {base_url!r}")


def access_tokens(base_url: str, scope: str = PLATFORM) -> AccessTokens:
    """Return the tokens for the API at `base_url`: Google's own, or a fixed one for an emulator.

    Raises `ValueError` for plain http to another machine.
    """
    return LocalTokens() if is_local(base_url) else GoogleTokens(scope)

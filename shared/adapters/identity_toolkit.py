"""`IdentityProvider` over Google's Identity Toolkit, the service behind Firebase Auth.

Reference: https://cloud.google.com/identity-platform/docs/reference/rest/v1/projects.accounts/update
"""

from __future__ import annotations

from datetime import datetime

import httpx

from shared.adapters.google_tokens import AccessTokens, access_tokens
from shared.kernel.errors import Unavailable

BASE_URL = "https://identitytoolkit.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/identitytoolkit"
TIMEOUT = httpx.Timeout(5.0, connect=2.0)


class IdentityToolkit:
    """Signs people out and closes accounts, for one project."""

    def __init__(self, base_url: str, project: str, tokens: AccessTokens, client: httpx.AsyncClient) -> None:
        self._url = f"{base_url}/v1/projects/{project}/accounts"
        self._tokens = tokens
        self._client = client

    async def knows(self, uid: str) -> bool:
        """See `IdentityProvider.knows`."""
        answer = await self._call("lookup", {"localId": [uid]})
        if not answer.is_success:
            raise Unavailable("The sign-in service does not answer the look-up now.")
        return bool(answer.json().get("users"))

    async def sign_out(self, uid: str, at: datetime) -> None:
        """See `IdentityProvider.sign_out`: refresh tokens from before `validSince` are refused."""
        await self._update({"localId": uid, "validSince": str(int(at.timestamp()))})

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """See `IdentityProvider.set_disabled`."""
        await self._update({"localId": uid, "disableUser": disabled})

    async def _update(self, body: dict[str, object]) -> None:
        """A user who no longer exists needs no change."""
        answer = await self._call("update", body)
        if not answer.is_success and _message(answer) != "USER_NOT_FOUND":
            raise Unavailable("The sign-in service does not take the change now.")

    async def _call(self, method: str, body: dict[str, object]) -> httpx.Response:
        access = {"Authorization": f"Bearer {await self._tokens.current()}"}
        try:
            return await self._client.post(f"{self._url}:{method}", json=body, headers=access)
        except httpx.RequestError as error:
            raise Unavailable("The sign-in service does not answer.") from error


def identity_toolkit(project: str, emulator: str = "") -> IdentityToolkit:
    """Return the adapter for Google's service, or for the emulator at `emulator` (host:port)."""
    root = f"http://{emulator}" if emulator else BASE_URL
    client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
    base_url = f"{root}/identitytoolkit.googleapis.com" if emulator else root
    return IdentityToolkit(base_url, project, access_tokens(root, SCOPE), client)


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["message"]).split(" ")[0]
    except (ValueError, KeyError, TypeError):
        return ""

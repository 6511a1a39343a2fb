"""`IdentityProvider` over the users of Firebase Auth, by the Admin SDK.

The SDK blocks, so each call runs in a thread. It takes the Auth emulator's address from the environment
variable `FIREBASE_AUTH_EMULATOR_HOST`. See ADR 0011 for its cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import firebase_admin
from firebase_admin import auth, credentials
from firebase_admin.exceptions import FirebaseError
from google.auth.exceptions import GoogleAuthError

from shared.kernel.errors import Unavailable

TIMEOUT_SECONDS = 5


class UserClient(Protocol):
    """The part of the SDK's client that the adapter calls."""

    def get_user(self, uid: str) -> object:
        """Return the user. Raises `auth.UserNotFoundError`."""
        ...

    def update_user(
        self, uid: str, *, valid_since: int | None = None, disabled: bool | None = None
    ) -> object:
        """Change the user. Raises `auth.UserNotFoundError`."""
        ...


class FirebaseUsers:
    """See `IdentityProvider`."""

    def __init__(self, client: UserClient) -> None:
        self._client = client

    async def knows(self, uid: str) -> bool:
        """See `IdentityProvider.knows`."""
        return await _called(lambda: self._client.get_user(uid))

    async def sign_out(self, uid: str, at: datetime) -> None:
        """See `IdentityProvider.sign_out`; refresh tokens from before `valid_since` are refused.

        The SDK's `revoke_refresh_tokens` takes the time of this machine; ours can be that of a sign-in whose
        clock is ahead.
        """
        await _called(lambda: self._client.update_user(uid, valid_since=int(at.timestamp())))

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """See `IdentityProvider.set_disabled`."""
        await _called(lambda: self._client.update_user(uid, disabled=disabled))


def firebase_users(project: str) -> FirebaseUsers:
    """Return the adapter for one project, with the credentials of this process."""
    options = {"projectId": project, "httpTimeout": TIMEOUT_SECONDS}
    app = firebase_admin.App("waybill", credentials.ApplicationDefault(), options)
    return FirebaseUsers(auth.Client(app))


async def _called(call: Callable[[], object]) -> bool:
    """Run a call of the SDK in a thread; return whether the user exists. Raises `Unavailable`."""
    try:
        await asyncio.to_thread(call)
    except auth.UserNotFoundError:
        return False
    except (FirebaseError, GoogleAuthError) as error:
        raise Unavailable("The sign-in service does not answer now.") from error
    return True

"""Whether an id names a user: one who has called the API, or only signed up."""

from __future__ import annotations

from shared.identity.domain import UserNotFound
from shared.identity.ports import IdentityProvider, SecurityStore


async def demand_user(uid: str, security: SecurityStore, identities: IdentityProvider) -> None:
    """Return if the user exists. Raises `UserNotFound`, or `Unavailable` when the provider does not answer.

    A user who signed up and never called the API has no document of ours; an admin can act on their account
    all the same.
    """
    if await security.account(uid) is None and not await identities.knows(uid):
        raise UserNotFound

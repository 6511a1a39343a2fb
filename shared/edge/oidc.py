"""Private functions: only the platform's own callers (Eventarc, Cloud Tasks, Scheduler) get in.

Ingress rules keep the public out already; the signature is checked all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

import jwt
from fastapi import Request

from shared.edge.settings import Settings
from shared.kernel.errors import Unauthenticated, Unavailable

LEEWAY_S = 60


class InvokerNotTrusted(Unauthenticated):
    """This function can be called by the platform alone."""

    code = "INVOKER_NOT_TRUSTED"
    detail = "This function can be called by the platform alone."


@cache
def _keys(jwks_url: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(jwks_url, cache_jwk_set=True, lifespan=3600, timeout=5)


async def check_invoker(token: str, settings: Settings, function: str) -> None:
    """Return if `token` was signed by the platform for `function` and its own invoker account.

    Raises `InvokerNotTrusted`, or `Unavailable` when the signing keys cannot be had.
    """
    try:
        key = await asyncio.to_thread(_keys(settings.oidc_jwks_url).get_signing_key_from_jwt, token)
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=settings.function_urls[function],
            issuer=settings.oidc_issuer,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
    except jwt.PyJWKClientConnectionError as error:
        raise Unavailable("The signing keys cannot be fetched.") from error
    except jwt.PyJWTError as error:
        raise InvokerNotTrusted from error
    if claims.get("email") != settings.invoker_email(function) or claims.get("email_verified") is not True:
        raise InvokerNotTrusted


def invoker_only(function: str, settings: Callable[[], Settings]) -> Callable[[Request], object]:
    """Return the dependency that lets only the invoker of `function` in."""

    async def check(request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise InvokerNotTrusted
        await check_invoker(token, settings(), function)

    return check

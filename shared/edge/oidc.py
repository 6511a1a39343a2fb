"""Private functions: only the callers of the platform (Eventarc, Cloud Tasks, Scheduler) are admitted.

Ingress admits requests from inside alone. Behind it, `invoker` in the manifest says who checks the caller's
token: the function, or IAM, which takes the signature away before it hands the token on (ADR 0018).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache

import jwt
from jwt.types import Options
from starlette.requests import Request

from shared.edge.settings import Settings
from shared.jwks import KeyUnknown, SigningKeys
from shared.kernel.errors import Unauthenticated

LEEWAY_S = 60

REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What Cloud Run puts in place of the signature of a token that IAM has verified."""


class InvokerNotTrusted(Unauthenticated):
    """The caller is not the invoker of the function."""

    code = "INVOKER_NOT_TRUSTED"
    detail = "Only the platform can call this function."


async def check_invoker(token: str, settings: Settings, function: str, keys: SigningKeys) -> None:
    """Return if the platform signed `token` for `function` and its own invoker account.

    A token without its signature counts where IAM checked it, and nowhere else.
    Raises `InvokerNotTrusted`, or `Unavailable` when the signing keys cannot be fetched.
    """
    by_iam = settings.invoker_check == "iam" and token.endswith(f".{REMOVED}")
    try:
        key = "" if by_iam else await keys.get(str(jwt.get_unverified_header(token).get("kid", "")))
        claims = jwt.decode(
            token.removesuffix(REMOVED) if by_iam else token,
            key,
            algorithms=["RS256"],
            audience=settings.function_urls[function],
            issuer=settings.oidc_issuer,
            leeway=LEEWAY_S,
            options=_options(verify_signature=not by_iam),
        )
    except (jwt.PyJWTError, KeyUnknown) as error:
        raise InvokerNotTrusted from error
    if claims.get("email") != settings.invoker_email(function) or claims.get("email_verified") is not True:
        raise InvokerNotTrusted


def _options(*, verify_signature: bool) -> Options:
    """Return what to verify: all claims in any case, which PyJWT otherwise leaves out with the signature."""
    return {
        "require": ["exp", "iat", "aud", "iss", "sub"],
        "verify_signature": verify_signature,
        "verify_exp": True,
        "verify_iat": True,
        "verify_nbf": True,
        "verify_aud": True,
        "verify_iss": True,
    }


def invoker_only(function: str, settings: Callable[[], Settings]) -> Callable[[Request], Awaitable[None]]:
    """Return the guard that admits only the invoker of `function`."""

    @cache
    def keys() -> SigningKeys:
        return SigningKeys(settings().oidc_jwks_url)

    async def check(request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise InvokerNotTrusted
        await check_invoker(token, settings(), function, keys())

    return check

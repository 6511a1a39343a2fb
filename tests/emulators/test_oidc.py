"""The stack's identity provider signs what PyJWT accepts."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from emulators.oidc import Signer
from tests.emulators.fake_clock import FakeClock

AUDIENCE = "http://127.0.0.1:9000"
EMAIL = "invoke-orders-api@demo-waybill.iam.gserviceaccount.com"
ISSUER = "http://127.0.0.1:9999/oidc"


def verify(signer: Signer, token: str, audience: str = AUDIENCE) -> dict[str, object]:
    keys = jwt.PyJWKSet.from_dict(signer.jwks())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=audience,
        issuer=signer.issuer,
        options={"verify_exp": False, "verify_iat": False},  # the clock of the tests does not move
    )


def test_a_token_verifies_against_the_published_keys(clock: FakeClock) -> None:
    signer = Signer(ISSUER, clock)

    claims = verify(signer, signer.mint(AUDIENCE, EMAIL))

    issued_at = int(clock.now().timestamp())
    assert claims["email"] == EMAIL
    assert claims["email_verified"] is True
    assert (claims["iat"], claims["exp"]) == (issued_at, issued_at + 300)
    assert str(claims["sub"]).isdigit()


def test_a_token_is_bound_to_its_audience(clock: FakeClock) -> None:
    signer = Signer(ISSUER, clock)

    with pytest.raises(jwt.InvalidAudienceError):
        verify(signer, signer.mint(AUDIENCE, EMAIL), audience="http://127.0.0.1:9001")


def test_a_token_of_another_stack_is_refused(clock: FakeClock) -> None:
    ours, theirs = Signer(ISSUER, clock), Signer(ISSUER, clock)
    keys = jwt.PyJWKSet.from_dict(ours.jwks())

    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(theirs.mint(AUDIENCE, EMAIL), keys.keys[0], algorithms=["RS256"], audience=AUDIENCE)


def test_calls_of_one_minute_share_a_token(clock: FakeClock) -> None:
    signer = Signer(ISSUER, clock)
    first = signer.mint(AUDIENCE, EMAIL)

    clock.advance(timedelta(seconds=59))
    assert signer.mint(AUDIENCE, EMAIL) == first
    clock.advance(timedelta(seconds=1))
    assert signer.mint(AUDIENCE, EMAIL) != first


def test_each_account_and_audience_has_its_own_token(clock: FakeClock) -> None:
    signer = Signer(ISSUER, clock)

    tokens = {signer.mint(a, e) for a in (AUDIENCE, "http://x") for e in (EMAIL, "other@example.test")}

    assert len(tokens) == 4


def test_the_published_keys_hold_no_private_part(clock: FakeClock) -> None:
    (key,) = Signer(ISSUER, clock).jwks()["keys"]

    assert set(key) == {"kty", "n", "e", "alg", "use", "kid"}

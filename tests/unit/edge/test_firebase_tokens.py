"""The real verifier against our own RSA key: whatever is not exactly right is refused."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.adapters.firebase_auth import FirebaseTokens, TokenExpired, TokenInvalid

PROJECT = "demo-waybill"
KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def _claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "u1",
        "iat": now - 10,
        "exp": now + 3_600,
        "email": "a@example.com",
        "email_verified": True,
        "phone_number": "+911234567890",
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def _signed(key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:
    return jwt.encode(_claims(**changes), key, algorithm, headers={"kid": "k1"})


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> FirebaseTokens:
    verifier = FirebaseTokens(PROJECT)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {
        "kid": "k1",
        "alg": "RS256",
        "use": "sig",
    }
    monkeypatch.setattr(verifier._keys, "fetch_data", lambda: {"keys": [public]})
    return verifier


async def test_a_good_token_names_its_person(tokens: FirebaseTokens) -> None:
    person = await tokens.verify(_signed())

    assert (person.uid, person.email, person.email_verified, person.phone) == (
        "u1",
        "a@example.com",
        True,
        "+911234567890",
    )


async def test_an_expired_token_is_told_apart(tokens: FirebaseTokens) -> None:
    with pytest.raises(TokenExpired):
        await tokens.verify(_signed(exp=int(time.time()) - 120))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-project"},
        {"iss": "https://securetoken.google.com/another-project"},
        {"iat": int(time.time()) + 3_600},
        {"sub": ""},
        {"sub": None},
        {"exp": None},
        {"sub": "x" * 129},
        {"sub": "victim/inbox/x"},
        {"sub": ".."},
        {"sub": "__x__"},
    ],
)
async def test_a_token_for_someone_or_something_else_is_refused(
    tokens: FirebaseTokens, changes: dict[str, Any]
) -> None:
    with pytest.raises(TokenInvalid):
        await tokens.verify(_signed(**changes))


async def test_forged_tokens_are_refused(tokens: FirebaseTokens) -> None:
    unsigned = jwt.encode(_claims(), "", "none", headers={"kid": "k1"})
    symmetric = jwt.encode(_claims(), "a secret of thirty-two characters", "HS256", headers={"kid": "k1"})
    head, body, signature = _signed().split(".")
    for forged in (
        unsigned,
        symmetric,
        _signed(OTHER_KEY),
        f"{head}.{body}.",
        f"{head}.{body}x.{signature}",
        "",
        "a.b.c",
    ):
        with pytest.raises(TokenInvalid):
            await tokens.verify(forged)


async def test_the_emulators_unsigned_token_is_read_only_where_the_emulator_is_configured() -> None:
    unsigned = jwt.encode(_claims(), "", "none")

    assert (await FirebaseTokens(PROJECT, "127.0.0.1:9099").verify(unsigned)).uid == "u1"
    with pytest.raises(TokenInvalid):
        await FirebaseTokens(PROJECT, "127.0.0.1:9099").verify(_signed())


@pytest.mark.parametrize("changes", [{"aud": "x"}, {"iss": "x"}, {"exp": 1}, {"sub": None}])
async def test_the_emulators_token_is_checked_in_all_but_its_signature(changes: dict[str, Any]) -> None:
    unsigned = jwt.encode(_claims(**changes), "", "none")
    with pytest.raises((TokenInvalid, TokenExpired)):
        await FirebaseTokens(PROJECT, "127.0.0.1:9099").verify(unsigned)

"""The verifier against our own RSA key: every deviation is refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import io
import json
import time
import urllib.request
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.adapters.firebase_auth import VERIFIED_FOR_S, FirebaseTokens
from shared.jwks import (
    DEFAULT_MAX_AGE_S,
    LONGEST_MAX_AGE_S,
    LONGEST_STALE_S,
    REFETCH_AFTER_S,
    RETRY_AFTER_S,
    KeySet,
    fetch_keys,
)
from shared.kernel.access import TokenExpired, TokenInvalid
from shared.kernel.errors import Unavailable

pytestmark = pytest.mark.mission("A1")

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
        "auth_time": now - 600,
        "exp": now + 3_600,
        "email": "a@example.com",
        "email_verified": True,
        "phone_number": "+911234567890",
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def _signed(key: Any = KEY, algorithm: str = "RS256", kid: str = "k1", **changes: Any) -> str:
    return jwt.encode(_claims(**changes), key, algorithm, headers={"kid": kid})


class KeyService:
    """The JWKS document of the token service, and a clock that the test moves."""

    def __init__(self) -> None:
        self.keys = {"k1": KEY}
        self.max_age = 3_600.0
        self.fetches = 0
        self.down = False
        self.later = 0.0

    def fetch(self, _: str) -> KeySet:
        self.fetches += 1
        if self.down:
            raise OSError("no route")
        jwks = [_public(key) | {"kid": kid, "alg": "RS256", "use": "sig"} for kid, key in self.keys.items()]
        return KeySet({"keys": jwks}, self.max_age)

    def clock(self) -> float:
        return time.time() + self.later


def _public(key: rsa.RSAPrivateKey) -> dict[str, Any]:
    return dict(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True))


@pytest.fixture
def service() -> KeyService:
    return KeyService()


@pytest.fixture
def tokens(service: KeyService) -> FirebaseTokens:
    return FirebaseTokens(PROJECT, fetch=service.fetch, clock=service.clock)


async def test_a_valid_token_gives_its_user(tokens: FirebaseTokens) -> None:
    person = await tokens.verify(_signed())

    assert (person.uid, person.email, person.email_verified, person.phone) == (
        "u1",
        "a@example.com",
        True,
        "+911234567890",
    )


async def test_a_name_in_the_token_is_one_line_of_plain_text(tokens: FirebaseTokens) -> None:
    names = {
        "Asha\u202e nimda\u2066": "Asha nimda",
        " A\x00s\u007fha\n\tRao ": "Asha Rao",
        "Ashe\u0301": "Ash\u00e9",
        "x" * 5_000: "x" * 200,
        "\u200f": "",
    }
    for name, shown in names.items():
        assert (await tokens.verify(_signed(name=name))).name == shown


async def test_the_token_says_how_the_person_signed_in(tokens: FirebaseTokens) -> None:
    identities = {"google.com": ["1"], "email": ["a@example.com"], "phone": ["+911234567890"]}
    firebase = {"sign_in_provider": "google.com", "identities": identities}
    person = await tokens.verify(_signed(auth_time=1_700_000_000, firebase=firebase))

    assert (person.provider, person.providers) == ("google.com", ("email", "google.com", "phone"))
    assert person.auth_time == 1_700_000_000
    refreshed = await tokens.verify(_signed(auth_time=1_700_000_000, name="Asha"))
    another = await tokens.verify(_signed(auth_time=1_700_000_001))
    assert refreshed.session_id == person.session_id != another.session_id


@pytest.mark.parametrize("firebase", [None, "x", {}, {"identities": []}, {"identities": {}}])
async def test_a_token_without_identities_is_good_all_the_same(
    tokens: FirebaseTokens, firebase: object
) -> None:
    assert (await tokens.verify(_signed(firebase=firebase))).providers == ()


async def test_an_expired_token_is_told_apart(tokens: FirebaseTokens) -> None:
    with pytest.raises(TokenExpired):
        await tokens.verify(_signed(exp=int(time.time()) - 120))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-project"},
        {"iss": "https://securetoken.google.com/another-project"},
        {"iat": int(time.time()) + 3_600},
        {"nbf": int(time.time()) + 3_600},
        {"auth_time": int(time.time()) + 3_600},
        {"auth_time": None},
        {"auth_time": "yesterday"},
        {"auth_time": True},
        {"auth_time": 0},
        {"iat": None},
        {"aud": None},
        {"iss": None},
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
        _keyed_with_the_public_key(),
        _signed(OTHER_KEY),
        _signed(kid="k2"),
        jwt.encode(_claims(), KEY, "RS256"),
        _signed(algorithm="PS256"),
        _signed(algorithm="RS512"),
        "x" * 100_000,
        f"{head}.{body}.",
        f"{head}.{body}x.{signature}",
        "",
        "a.b.c",
    ):
        with pytest.raises(TokenInvalid):
            await tokens.verify(forged)


def _keyed_with_the_public_key() -> str:
    """A token signed with HS256 whose secret is what everybody knows: the public key."""
    public = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "k1"}, _claims())]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.new(public, signed, hashlib.sha256).digest()
    return b".".join((signed, base64.urlsafe_b64encode(signature).rstrip(b"="))).decode()


class TestKeys:
    async def test_many_tokens_at_once_fetch_the_keys_once(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        await asyncio.gather(*(tokens.verify(_signed(sub=f"u{n}")) for n in range(10)))

        assert service.fetches == 1

    async def test_keys_are_kept_for_their_max_age_and_no_longer(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        service.max_age = 600
        for later, fetches in ((0, 1), (599, 1), (601, 2), (1_199, 2), (1_202, 3)):
            service.later = later
            await tokens.verify(_signed(sub=f"u{later}"))
            assert service.fetches == fetches

    async def test_a_new_key_is_found_when_its_first_token_comes(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        await tokens.verify(_signed())
        service.keys["k2"] = OTHER_KEY
        service.later = REFETCH_AFTER_S + 1

        assert (await tokens.verify(_signed(OTHER_KEY, kid="k2"))).uid == "u1"
        assert service.fetches == 2

    async def test_a_key_that_was_withdrawn_opens_nothing_once_its_time_is_over(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        await tokens.verify(_signed())
        service.keys = {"k2": OTHER_KEY}
        service.later = 3_601

        with pytest.raises(TokenInvalid):
            await tokens.verify(_signed(name="another token", exp=int(time.time()) + 9_000))

    async def test_invented_key_ids_do_not_become_fetches(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        for n in range(20):
            with pytest.raises(TokenInvalid):
                await tokens.verify(_signed(kid=f"invented-{n}"))

        assert service.fetches == 1

    async def test_without_keys_nobody_is_let_in_and_the_next_try_may_succeed(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        service.down = True
        with pytest.raises(Unavailable):
            await tokens.verify(_signed())
        service.down = False

        assert (await tokens.verify(_signed())).uid == "u1"

    async def test_fault_09_stale_keys_stay_in_use_while_those_of_google_cannot_be_fetched(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        later = int(time.time()) + 7 * 86_400
        await tokens.verify(_signed(exp=later))
        service.down, service.later = True, 3_601

        for n in range(5):
            assert (await tokens.verify(_signed(exp=later, name=f"{n}"))).uid == "u1"
        assert service.fetches == 2  # the service that hangs is not asked by each request
        with pytest.raises(Unavailable):
            await tokens.verify(_signed(OTHER_KEY, kid="k2", exp=later))
        service.later += RETRY_AFTER_S
        await tokens.verify(_signed(exp=later, name="next"))
        assert service.fetches == 3

    async def test_fault_09_keys_that_are_a_day_too_old_open_nothing(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        later = int(time.time()) + 7 * 86_400
        await tokens.verify(_signed(exp=later))
        service.down, service.later = True, 3_600 + LONGEST_STALE_S + 1

        with pytest.raises(Unavailable):
            await tokens.verify(_signed(exp=later, name="next"))

    async def test_a_key_that_was_withdrawn_during_the_outage_opens_nothing_after_it(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        later = int(time.time()) + 7 * 86_400
        await tokens.verify(_signed(exp=later))
        service.down, service.later = True, 3_601
        await tokens.verify(_signed(exp=later, name="stale"))
        service.down, service.keys = False, {"k2": OTHER_KEY}
        service.later += RETRY_AFTER_S

        with pytest.raises(TokenInvalid):
            await tokens.verify(_signed(exp=later, name="after"))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("public, max-age=19204, must-revalidate, no-transform", 19_204),
        ("Max-Age=60", 60),
        ("s-maxage=60", DEFAULT_MAX_AGE_S),
        ("max-age=soon", DEFAULT_MAX_AGE_S),
        ("", DEFAULT_MAX_AGE_S),
        ("max-age=999999999", LONGEST_MAX_AGE_S),
    ],
)
def test_the_keys_age_is_what_their_service_says(
    monkeypatch: pytest.MonkeyPatch, header: str, seconds: float
) -> None:
    answer = http.client.HTTPMessage()
    answer["Cache-Control"] = header

    class Answer(io.BytesIO):
        headers = answer

    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Answer(b'{"keys": []}'))
    assert fetch_keys("https://keys.test") == KeySet({"keys": []}, seconds)


@pytest.mark.parametrize("body", [b"[]", b"<html>", b""])
def test_what_is_no_key_document_is_refused(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    class Answer(io.BytesIO):
        headers = http.client.HTTPMessage()

    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: Answer(body))
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of them
        fetch_keys("https://keys.test")


class TestRemembered:
    """Moving the clock beyond the keys' age shows whether the signature is checked again."""

    async def test_the_same_token_is_checked_once_in_five_minutes(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        service.max_age, token = 10, _signed()
        for later, fetches in ((0, 1), (VERIFIED_FOR_S - 5, 1), (VERIFIED_FOR_S + 5, 2)):
            service.later = later
            await tokens.verify(token)
            assert service.fetches == fetches

    async def test_it_is_never_remembered_beyond_its_own_end(
        self, tokens: FirebaseTokens, service: KeyService
    ) -> None:
        service.max_age, token = 10, _signed(exp=int(time.time()) + 100)
        await tokens.verify(token)
        service.later = 101
        await tokens.verify(token)

        assert service.fetches == 2

    async def test_a_token_that_only_begins_like_one_that_was_checked_is_checked(
        self, tokens: FirebaseTokens
    ) -> None:
        token = _signed()
        await tokens.verify(token)

        with pytest.raises(TokenInvalid):
            await tokens.verify(f"{token[:-8]}AAAAAAAA")


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

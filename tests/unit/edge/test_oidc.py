"""The check of the platform's tokens on private functions, against a signer of our own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulators.oidc import Signer
from shared.edge.oidc import InvokerNotTrusted, check_invoker
from shared.edge.settings import Settings
from shared.jwks import KeySet, SigningKeys
from shared.kernel.errors import Unavailable

ISSUER, URL, FUNCTION = "https://issuer.test", "https://orders-cron.test", "orders_cron"
INVOKER = "invoke-orders-cron@demo-waybill.iam.gserviceaccount.com"
SETTINGS = Settings(google_cloud_project="demo-waybill", oidc_issuer=ISSUER, function_urls={FUNCTION: URL})
SIGNER, STRANGER = Signer(ISSUER), Signer(ISSUER)


async def _check(token: str, fetch: Callable[[str], KeySet] = lambda _: KeySet(SIGNER.jwks())) -> None:
    await check_invoker(token, SETTINGS, FUNCTION, SigningKeys("https://keys.test", fetch))


async def test_the_invoker_of_the_function_is_admitted() -> None:
    await _check(SIGNER.mint(URL, INVOKER))


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(SIGNER.mint("https://other.test", INVOKER), id="audience"),
        pytest.param(SIGNER.mint(URL, "invoke-other@demo-waybill.iam.gserviceaccount.com"), id="account"),
        pytest.param(Signer("https://other.test").mint(URL, INVOKER), id="issuer and key"),
        pytest.param(STRANGER.mint(URL, INVOKER), id="key"),
        pytest.param("not.a.token", id="no token"),
    ],
)
async def test_any_other_caller_is_refused(token: str) -> None:
    with pytest.raises(InvokerNotTrusted):
        await _check(token)


async def test_without_the_signing_keys_the_function_is_unavailable() -> None:
    def fail(_: str) -> KeySet:
        raise OSError("no connection")

    with pytest.raises(Unavailable):
        await _check(SIGNER.mint(URL, INVOKER), fail)


async def test_the_keys_are_fetched_once_for_many_calls() -> None:
    fetched: list[str] = []

    def fetch(url: str) -> KeySet:
        fetched.append(url)
        return KeySet(SIGNER.jwks())

    keys = SigningKeys("https://keys.test", fetch)
    for _ in range(5):
        await check_invoker(SIGNER.mint(URL, INVOKER), SETTINGS, FUNCTION, keys)
    assert fetched == ["https://keys.test"]

"""What pages reach of the object store: signed URLs, and nothing by the client SDK."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from emulators.providers.storage.server import StorageProvider
from emulators.stack.layout import REPOSITORY
from tests.patience import HANG_SECONDS

pytestmark = pytest.mark.mission("L5")

APP = "https://app.example.com"


@pytest.fixture
async def store() -> AsyncIterator[httpx.AsyncClient]:
    provider = StorageProvider(0, origins=[APP])
    await provider.start()
    async with httpx.AsyncClient(base_url=provider.url, timeout=HANG_SECONDS, trust_env=False) as client:
        yield client
    await provider.stop()


@pytest.mark.parametrize(("origin", "allowed"), [(APP, APP), ("https://evil.example.com", None)])
async def test_a_listed_page_may_send_an_upload_with_the_headers_that_its_signed_url_names(
    store: httpx.AsyncClient, origin: str, allowed: str | None
) -> None:
    named = "content-type,x-goog-content-length-range,x-goog-if-generation-match"
    asks = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": named}
    preflight = await store.options("/documents/u1/doc_1", headers={"Origin": origin, **asks})
    refused = await store.put("/documents/u1/doc_1?X-Goog-Signature=00", headers={"Origin": origin})

    assert preflight.headers["Access-Control-Allow-Headers"] == named
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    assert refused.status_code in (400, 403)
    for answer in (preflight, refused):
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v0/b/demo-waybill/o?prefix=u1"),
        ("GET", "/v0/b/demo-waybill/o/u1%2Fdoc_1?alt=media"),
        ("POST", "/v0/b/demo-waybill/o?name=u1%2Fdoc_1"),
        ("PATCH", "/v0/b/demo-waybill/o/u1%2Fdoc_1"),
        ("DELETE", "/v0/b/demo-waybill/o/u1%2Fdoc_1"),
    ],
)
async def test_the_client_sdk_is_refused_as_the_rules_say(
    store: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await store.request(method, path, headers={"Authorization": "Firebase token"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, 403)


def test_the_rules_allow_nothing_which_is_what_the_emulator_does() -> None:
    rules = re.sub(r"//.*", "", (REPOSITORY / "storage.rules").read_text())

    assert re.findall(r"allow[^;]*;", rules) == ["allow read, write: if false;"]
    assert "match /{allPaths=**}" in rules

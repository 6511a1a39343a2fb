"""The port of Firebase Hosting, and the rewrites that production follows too."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from emulators.hosting import config
from emulators.hosting.server import Hosting
from emulators.stack.layout import REPOSITORY
from shared.manifest import load_all
from tests.emulators.recorder import Recorder
from tests.patience import HANG_SECONDS
from tools.docs import hosting as rewrites

pytestmark = pytest.mark.mission("L5")

FIREBASE_JSON = REPOSITORY / "firebase.json"


@pytest.fixture
async def pages(function: Recorder) -> AsyncIterator[httpx.AsyncClient]:
    hosting = Hosting(0, FIREBASE_JSON, function._answer, project="demo-waybill")
    await hosting.start()
    async with httpx.AsyncClient(base_url=hosting.url, timeout=HANG_SECONDS, trust_env=False) as client:
        yield client
    await hosting.stop()


async def test_pages_are_served_with_the_headers_of_firebase_json(pages: httpx.AsyncClient) -> None:
    page = await pages.get("/")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (page.headers["X-Content-Type-Options"], page.headers["X-Frame-Options"]) == ("nosniff", "DENY")


@pytest.mark.parametrize("path", ["/nowhere", "/../firebase.json", "/%2e%2e/firebase.json", "/apix/v1/me"])
async def test_what_is_no_page_is_not_found(pages: httpx.AsyncClient, function: Recorder, path: str) -> None:
    assert (await pages.get(path)).status_code == 404
    assert function.calls == []


async def test_the_api_answers_below_the_pages_origin(pages: httpx.AsyncClient, function: Recorder) -> None:
    await pages.post("/api/v1/orders?x=1", content=b"body")
    await pages.get("/api/unknown")

    assert [(call.method, call.target) for call in function.calls] == [
        ("POST", "/api/v1/orders?x=1"),
        ("GET", "/api/unknown"),
    ]


async def test_a_page_learns_its_project_where_hosting_puts_it(pages: httpx.AsyncClient) -> None:
    assert (await pages.get("/__/firebase/init.json")).json()["projectId"] == "demo-waybill"


def test_the_rewrites_are_those_of_the_functions() -> None:
    assert FIREBASE_JSON.read_text() == rewrites.text(), "run `make docs`"


def test_each_public_path_is_rewritten_to_its_own_function_and_no_private_one_is() -> None:
    section = config.read(FIREBASE_JSON)
    for name, manifest in load_all(REPOSITORY).items():
        for path in manifest.http.paths if manifest.http else ():
            wanted = name.replace("_", "-") if path.startswith("/api/") else None
            assert {section.service(path), section.service(f"{path}/x/y")} == {wanted}, path
    for path in ("/", "/tasks/expire-offer", "/cron/sweep-offers", "/health/ready", "/webhooks/upi"):
        assert section.service(path) is None
    assert section.service("/api/v1/ordersx") == "profiles-api"


@pytest.mark.parametrize("source", ["/api/*", "/api", "/{a,b}/**", "/@(a|b)/**"])
def test_a_rewrite_that_the_emulator_would_read_otherwise_is_refused(tmp_path: Path, source: str) -> None:
    content = json.loads(FIREBASE_JSON.read_text())
    content["hosting"]["rewrites"] = [{"source": source, "run": {"serviceId": "x", "region": "y"}}]
    file = tmp_path / "firebase.json"
    file.write_text(json.dumps(content))

    with pytest.raises(ValueError, match="write the rewrite"):
        config.read(file)

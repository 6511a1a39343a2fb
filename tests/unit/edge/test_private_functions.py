"""Private functions: who checks the platform's token, the function or IAM, and what each manifest says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import ValidationError

from emulators.oidc import Signer
from shared.edge.app import api_router, create_app
from shared.edge.environment import SettingsInvalid
from shared.edge.oidc import REMOVED, InvokerNotTrusted, check_invoker
from shared.edge.settings import Settings
from shared.jwks import KeySet, SigningKeys
from shared.manifest import Ingress, Invoker, Manifest, load_all
from tests.fakes.runtime import FakeRuntime

ISSUER, URL, FUNCTION = "https://issuer.test", "https://orders-cron.test", "orders_cron"
ACCOUNT = "iam.gserviceaccount.com"
INVOKER = f"invoke-orders-cron@waybill-prod.{ACCOUNT}"
SIGNER = Signer(ISSUER)
ROOT = Path(__file__).parents[3]
MANIFESTS = load_all(ROOT)


@pytest.fixture
def on_cloud_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K_SERVICE", "orders-cron")


def settings(check: str) -> Settings:
    return Settings(
        google_cloud_project="waybill-prod",
        oidc_issuer=ISSUER,
        oidc_jwks_url="https://keys.test",
        function_urls={FUNCTION: URL},
        redis_url="rediss://redis.test:6379/0",
        invoker_check=check,
    )


def handed_on(token: str) -> str:
    """Return a token as Cloud Run hands it on after IAM has verified it."""
    return ".".join([*token.split(".")[:2], REMOVED])


async def check(token: str, by: str) -> None:
    keys = SigningKeys("https://keys.test", lambda _: KeySet(SIGNER.jwks()))
    await check_invoker(token, settings(by), FUNCTION, keys)


@pytest.mark.usefixtures("on_cloud_run")
async def test_fault_08_behind_iam_the_token_without_its_signature_is_admitted() -> None:
    await check(handed_on(SIGNER.mint(URL, INVOKER)), "iam")


@pytest.mark.usefixtures("on_cloud_run")
@pytest.mark.parametrize("by", ["iam", "function"])
async def test_fault_08_a_whole_token_is_verified_in_both_ways(by: str) -> None:
    await check(SIGNER.mint(URL, INVOKER), by)
    with pytest.raises(InvokerNotTrusted):
        await check(Signer(ISSUER).mint(URL, INVOKER), by)


@pytest.mark.usefixtures("on_cloud_run")
async def test_fault_08_where_the_function_checks_a_token_without_its_signature_is_forged() -> None:
    with pytest.raises(InvokerNotTrusted):
        await check(handed_on(SIGNER.mint(URL, INVOKER)), "function")


@pytest.mark.usefixtures("on_cloud_run")
@pytest.mark.parametrize(
    "mint",
    [
        pytest.param(lambda: handed_on(SIGNER.mint("https://other.test", INVOKER)), id="audience"),
        pytest.param(
            lambda: handed_on(SIGNER.mint(URL, f"invoke-other@waybill-prod.{ACCOUNT}")), id="account"
        ),
        pytest.param(lambda: handed_on(Signer("https://other.test").mint(URL, INVOKER)), id="issuer"),
        pytest.param(lambda: handed_on(SIGNER.mint(URL, INVOKER))[:-1], id="marker cut"),
        pytest.param(
            lambda: SIGNER.mint(URL, INVOKER).rpartition(".")[0] + ".", id="no signature and no marker"
        ),
        pytest.param(lambda: f"not.{REMOVED}", id="no token"),
    ],
)
async def test_fault_08_behind_iam_the_claims_are_checked_all_the_same(mint: Callable[[], str]) -> None:
    """Each token is minted in its test: one that had expired meanwhile would be refused for that."""
    with pytest.raises(InvokerNotTrusted):
        await check(mint(), "iam")


@pytest.mark.usefixtures("on_cloud_run")
async def test_fault_08_behind_iam_an_expired_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token = handed_on(SIGNER.mint(URL, INVOKER))
    monkeypatch.setattr("shared.edge.oidc.LEEWAY_S", -3_600)
    with pytest.raises(InvokerNotTrusted):
        await check(token, "iam")


@pytest.mark.usefixtures("on_cloud_run")
@pytest.mark.parametrize(
    ("invoker", "status"), [(INVOKER, 200), ("other@example.com", 401)], ids=["own", "other"]
)
async def test_fault_08_a_job_behind_iam_runs_by_the_token_that_cloud_run_hands_on(
    invoker: str, status: int
) -> None:
    token = handed_on(SIGNER.mint(URL, invoker))
    router = api_router()

    @router.post("/jobs/sweep")
    async def sweep() -> None: ...

    app = create_app(
        FUNCTION, runtime=FakeRuntime(), routers=[router], settings=lambda: settings("iam"), private=True
    )
    async with AsyncClient(transport=ASGITransport(app), base_url=URL) as client:
        answer = await client.post("/jobs/sweep", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status


def test_fault_08_no_process_outside_cloud_run_relies_on_iam() -> None:
    with pytest.raises(SettingsInvalid, match="INVOKER_CHECK"):
        settings("iam")


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)
def test_fault_08_each_function_says_who_reaches_it_and_who_checks_the_caller(manifest: Manifest) -> None:
    if manifest.http:
        assert (manifest.ingress, manifest.invoker) == (Ingress.LOAD_BALANCER, Invoker.PUBLIC)
        assert manifest.environment == {}
    else:
        assert (manifest.ingress, manifest.invoker) == (Ingress.INTERNAL, Invoker.FUNCTION)
        assert manifest.environment == {"INVOKER_CHECK": "function"}


@pytest.mark.parametrize(
    ("http", "deploy"),
    [
        (False, {"ingress": "all"}),
        (False, {"ingress": "internal-and-cloud-load-balancing"}),
        (False, {"invoker": "public"}),
        (True, {"ingress": "internal"}),
        (True, {"invoker": "iam"}),
        (True, {"invoker": "function"}),
        (True, {"ingress": "everywhere"}),
    ],
)
def test_fault_08_a_manifest_that_opens_a_private_function_is_refused(
    http: bool, deploy: dict[str, Any]
) -> None:
    paths: Any = {"paths": ("/api/v1/x",)} if http else None
    with pytest.raises(ValidationError):
        Manifest(name="x", summary="", http=paths, deploy={"service_account": "x", **deploy})


def test_fault_08_a_private_function_can_rely_on_iam() -> None:
    made = Manifest(name="x", summary="", deploy={"service_account": "x", "invoker": "iam"})
    assert (made.ingress, made.environment) == (Ingress.INTERNAL, {"INVOKER_CHECK": "iam"})

"""Settings, addresses and logs in production: nothing of a laptop, a limit for each client, no uid."""

from __future__ import annotations

import json
import logging

import httpx
import pytest

from functions.identity_api.main import app as an_app
from shared.adapters.firestore.codec import logged_path
from shared.adapters.firestore.database import Snapshot
from shared.adapters.firestore.profiles import PROFILES
from shared.edge.entry import entry_point
from shared.edge.environment import Secret, SettingsInvalid
from shared.edge.logging import JsonFormatter
from shared.edge.settings import Settings
from tests.unit.edge.test_ratelimit import LIMITER_OF, World

pytestmark = pytest.mark.mission("A1", "A9")

UNSAFE = [
    ("OIDC_ISSUER", "http://accounts.google.com"),
    ("OIDC_JWKS_URL", "HTTP://keys.example/certs"),
    ("RATE_LIMIT_SCALE", "0"),
    ("RATE_LIMIT_SCALE", "1000"),
    ("UPI_API_URL", "http://gateway.example"),
    ("FUNCTION_URLS", json.dumps({"orders_events": "http://orders.example"})),
    ("TRUSTED_PROXIES", "0"),
    ("GOOGLE_CLOUD_PROJECT", "demo-waybill"),
    ("REDIS_EMULATOR_HOST", "127.0.0.1:1"),
]


NO_NUMBERS = [("TRUSTED_PROXIES", "false"), ("RATE_LIMIT_SCALE", "NaN"), ("RATE_LIMIT_SCALE", "")]


class GatewaySettings(Settings):
    """Where a gateway is, and a secret that is an address."""

    upi_api_url: str = "https://gateway.example"
    hook: Secret = Secret("")


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("K_SERVICE", "orders-api")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "waybill-prod")
    return monkeypatch


@pytest.mark.parametrize(("name", "value"), UNSAFE + NO_NUMBERS)
def test_fault_09_production_does_not_start_with_a_setting_of_a_laptop(
    production: pytest.MonkeyPatch, name: str, value: str
) -> None:
    production.setenv(name, value)
    with pytest.raises(ValueError, match=name) as refused:
        entry_point(an_app, "identity_api")
    assert "example" not in str(refused.value)
    with pytest.raises(SettingsInvalid, match=name):
        GatewaySettings()


def test_fault_09_a_secret_over_http_is_refused_without_being_named(production: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsInvalid, match="HOOK") as refused:
        GatewaySettings(hook=Secret("http://user:password@hooks.example"))
    assert "password" not in str(refused.value)


def test_production_starts_with_its_own_settings(production: pytest.MonkeyPatch) -> None:
    production.setenv("FUNCTION_URLS", json.dumps({"orders_events": "https://orders.example"}))
    entry_point(an_app, "identity_api")
    assert GatewaySettings().trusted_proxies == 2


@pytest.mark.parametrize(("name", "value"), UNSAFE)
def test_the_local_stack_takes_them(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-waybill")
    monkeypatch.setenv(name, value)
    GatewaySettings()


class TestAddresses:
    """Behind Google's load balancer, which appends the client's address and its own."""

    @pytest.fixture(autouse=True)
    def _limits(self, _no_rate_limits: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shared.edge.ratelimit._limiter_of", LIMITER_OF)

    async def test_fault_09_customers_behind_the_load_balancer_have_a_limit_each(self) -> None:
        world = World()
        statuses = [
            (await world.call(uid="", x_forwarded_for=f"198.51.100.{n}, 34.120.0.1")).status_code
            for n in range(20)
        ]
        assert set(statuses) == {401}

    async def test_fault_09_what_a_client_claims_gives_it_no_further_limit(self) -> None:
        world = World()
        calls = [
            await world.call(uid="", x_forwarded_for=f"10.0.0.{n}, 203.0.113.7, 34.120.0.1") for n in range(9)
        ]
        assert [call.status_code for call in calls] == [401] * 8 + [429]


class TestLogs:
    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            ("users/aK3fZ90qWeRtYuIoPaSdFgHjKlZx", "users/{id}"),
            ("users/asha/devices/9f8e", "users/{id}/devices/{id}"),
            ("merchants/mer_" + "0" * 32 + "/staff/asha", "merchants/mer_" + "0" * 32 + "/staff/{id}"),
            ("merchants/mer_" + "0" * 32 + "/menu/12", "merchants/mer_" + "0" * 32 + "/menu/12"),
            ("offers/off_" + "a" * 32 + "_2", "offers/off_" + "a" * 32 + "_2"),
            ("auth/asha", "auth/{id}"),
        ],
    )
    def test_fault_09_a_logged_path_names_no_person(self, path: str, shown: str) -> None:
        assert logged_path(path) == shown

    def test_fault_09_an_unreadable_document_of_a_person_is_logged_without_them(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            assert PROFILES.readable([Snapshot("users/canary-uid", {"uid": 7})]) == []

        [record] = caplog.records
        line = JsonFormatter().format(record)
        assert '"path": "users/{id}"' in line
        assert "canary" not in line

    async def test_fault_09_a_request_is_logged_by_its_route(self, caplog: pytest.LogCaptureFixture) -> None:
        transport = httpx.ASGITransport(an_app)
        with caplog.at_level(logging.INFO):
            async with httpx.AsyncClient(transport=transport, base_url="http://waybill", timeout=5) as http:
                for path in ("admin/users/canary/disable", "admin/users/canary", "canary"):
                    await http.post(f"/api/v1/{path}", json={"reason": "test"})

        lines = [JsonFormatter().format(record) for record in caplog.records]
        assert len([line for line in lines if '"message": "request"' in line]) == 3
        assert "canary" not in "\n".join(lines)

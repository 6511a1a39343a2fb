"""Settings of a function, typed, from the environment; read once, when first needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from shared.edge.cors import parsed_origins
from shared.edge.environment import Environment, Secret, SettingsInvalid, fields_of
from shared.edge.production import in_production, refuse_unsafe, refuse_unsafe_environment
from shared.kernel.licence import Licence
from shared.kernel.order import Business
from shared.kernel.vehicle import DriverDocument, Vehicle


class Settings(Environment):
    """The settings of every function; a port with further settings has a subclass.

    A field is the environment variable of the same name. A process that looks like production (`K_SERVICE`)
    refuses to start with what `shared.edge.production` names, such as an emulator or an address over http.
    """

    google_cloud_project: str
    pubsub_emulator_host: str = ""
    firebase_auth_emulator_host: str = ""
    cloud_tasks_emulator_host: str = ""
    redis_url: str = "redis://127.0.0.1:6379/0"
    region: str = "asia-south1"
    oidc_issuer: str = "https://accounts.google.com"
    oidc_jwks_url: str = "https://www.googleapis.com/oauth2/v3/certs"
    function_urls: Mapping[str, str] = MappingProxyType({})
    offer_seconds: float = 30
    rate_limit_scale: float = 1
    """Multiplies every rate limit; 0 turns them off."""
    trusted_proxies: int = 2
    """The number of entries at the end of `X-Forwarded-For` that our own proxies append. Google's load
    balancer appends two, the address of the client and its own; so does the gateway of the local stack."""
    invoker_check: Literal["function", "iam"] = "function"
    """Who verifies the token of a private function's caller; `Manifest.environment` sets it. `iam` is
    refused outside Cloud Run."""
    cors_origins: str = ""
    """The origins whose pages may call the API, separated by blanks; `*` for any, on a local stack alone."""

    def check(self) -> None:
        """See `Environment.check`: refuse what is out of bounds, and what production must not have."""
        if not (self.rate_limit_scale >= 0 and self.trusted_proxies >= 0):
            raise SettingsInvalid("RATE_LIMIT_SCALE and TRUSTED_PROXIES are not negative")
        try:
            parsed_origins(self.cors_origins, production=in_production())
            refuse_unsafe({name: _text(value) for name, value in vars(self).items()})
        except ValueError as error:
            raise SettingsInvalid(str(error)) from error
        if self.invoker_check == "iam" and not in_production():
            raise SettingsInvalid(
                "INVOKER_CHECK=iam without IAM in front would admit tokens without a signature"
            )

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """The origins of `cors_origins`."""
        return parsed_origins(self.cors_origins, production=in_production())

    def invoker_email(self, function: str) -> str:
        """Return the service account that alone may call the private routes of `function`."""
        account = f"invoke-{function.replace('_', '-')}"
        return f"{account}@{self.google_cloud_project}.iam.gserviceaccount.com"


class ApprovalSettings(Settings):
    """Which verification documents this operator requires.

    With `documents_required`, drivers need the approved documents of their vehicle to go online, and
    merchants a licence of their business to open. `required_licences` replaces the accepted licences of
    single businesses, such as `{"local": ["food_licence", "drug_licence"]}`, and `required_driver_documents`
    what the drivers of single vehicles need, such as `{"scooter": ["driving_licence", "identity"]}`.
    """

    documents_required: bool = True
    required_licences: Mapping[Business, frozenset[Licence]] = MappingProxyType({})
    required_driver_documents: Mapping[Vehicle, frozenset[DriverDocument]] = MappingProxyType({})


class OrderingSettings(Settings):
    """Which businesses take no orders, and the reason for each, which customers read.

    Without the setting, the policy of a business says whether it takes orders; `{}` lets all of them. The
    merchants of a business that takes none can register and prepare their shops.
    """

    refused_businesses: Mapping[Business, str] | None = None


@dataclass(frozen=True, slots=True)
class GatewayKey:
    """Our account at a payment gateway."""

    key_id: str
    key_secret: Secret


class PaymentSettings(Settings):
    """Where each payment gateway is, and our key to it, by its name. One without a key serves no payment."""

    payment_gateway_urls: Mapping[str, str]
    payment_gateway_keys: Mapping[str, GatewayKey]


def refuse_unsafe_start() -> None:
    """Raise `ValueError` in a process that looks like production and has a setting for a laptop.

    It looks at the settings of all concerns that the function has loaded, before the first of them is read.
    """
    kinds: list[type[Settings]] = [Settings, *_subclasses(Settings)]
    refuse_unsafe_environment({name: field for kind in kinds for name, field in fields_of(kind).items()})


def _subclasses(kind: type[Settings]) -> list[type[Settings]]:
    return [found for one in kind.__subclasses__() for found in (one, *_subclasses(one))]


def _text(value: object) -> str:
    """Return the value of a setting as text, secrets included."""
    if isinstance(value, Secret):
        return value.reveal()
    return value if isinstance(value, str) else json.dumps(value, default=str)

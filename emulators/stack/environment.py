"""The environment variables of a stack's processes: the common ones, and the secrets of each function."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable

from emulators.stack.errors import StackError
from emulators.stack.layout import GATEWAYS, PROJECT, SLOW_FIRESTORE, Layout

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
GATEWAY_KEYS, WEBHOOK_SECRETS = "PAYMENT_GATEWAY_KEYS", "PAYMENT_WEBHOOK_SECRETS"
SECRETS = ("MAPS_API_KEY",)
# Keys with names, `name:hex`.
NAMED_KEYS = ("SECOND_FACTOR_KEYS",)


def new_secrets() -> dict[str, str]:
    """Return new values for the secrets that production keeps in its secret manager."""
    plain = {name: secrets.token_hex(24) for name in SECRETS}
    accounts = {name: {"key_id": f"{name}_local", "key_secret": secrets.token_hex(24)} for name in GATEWAYS}
    signing = {name: [secrets.token_hex(24)] for name in GATEWAYS}
    return {
        **plain,
        **{name: f"local:{secrets.token_hex(32)}" for name in NAMED_KEYS},
        GATEWAY_KEYS: json.dumps(accounts),
        WEBHOOK_SECRETS: json.dumps(signing),
    }


def inherited() -> dict[str, str]:
    """Return the variables that parts inherit from the user: no credentials, proxies or settings."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def common(layout: Layout) -> dict[str, str]:
    """Return the variables that all functions get; tools and tests use them to reach the stack."""
    return {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "FIRESTORE_EMULATOR_HOST": layout.address("firestore"),
        "PUBSUB_EMULATOR_HOST": layout.address("pubsub"),
        "FIREBASE_AUTH_EMULATOR_HOST": layout.address("auth"),
        "CLOUD_TASKS_EMULATOR_HOST": layout.address("cloud_tasks"),
        "REDIS_URL": f"redis://{layout.address('redis')}/0",
        "OIDC_ISSUER": f"{layout.url('oidc')}/oidc",
        "OIDC_JWKS_URL": f"{layout.url('oidc')}/oidc/jwks.json",
        **{f"{name.upper()}_API_URL": layout.url(name) for name in GATEWAYS},  # for tools and tests
        "PAYMENT_GATEWAY_URLS": json.dumps({name: layout.url(name) for name in GATEWAYS}),
        "FCM_API_URL": layout.url("fcm"),
        "MAPS_API_URL": layout.url("maps"),
        "STORAGE_API_URL": layout.url("storage"),
        "IAM_API_URL": layout.url("storage"),
        "DOCUMENT_BUCKET": f"{PROJECT}-documents",
        "SIGNING_ACCOUNT": f"verification-api@{PROJECT}.iam.gserviceaccount.com",
        "RATE_LIMIT_SCALE": "1000",  # all clients here share one address
        "CORS_ORIGINS": cors_origins(layout),
        "OFFER_SECONDS": f"{layout.options.offer_seconds:g}",
        "FUNCTION_URLS": json.dumps(layout.function_urls),
        "WAYBILL_URL": layout.url("gateway"),
    }


def cors_origins(layout: Layout) -> str:
    """Return the origins whose pages may call the API: any, unless the options list some."""
    return layout.options.environment.get("CORS_ORIGINS", "*")


def for_functions(layout: Layout, names: Iterable[str]) -> dict[str, str]:
    """Return the environment of a process that runs the named functions, with the secrets they declare.

    Raises `StackError` for a secret that the local stack does not have.
    """
    environment = {**inherited(), **common(layout), "FUNCTION_USE_ASGI": "1"}
    if layout.options.slow_firestore:
        environment["FIRESTORE_EMULATOR_HOST"] = layout.address(SLOW_FIRESTORE)
    for name in names:
        for secret in layout.manifests[name].deploy.secrets:
            if secret not in layout.secrets:
                raise StackError(f"{name} declares the secret {secret}: add it to {__name__}.SECRETS.")
            environment[secret] = layout.secrets[secret]
    return {**environment, **layout.options.environment}

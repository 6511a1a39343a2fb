"""The environment of a stack's processes: what is common, and which secrets each function gets."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable

from emulators.stack.errors import StackError
from emulators.stack.layout import PROJECT, Layout

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
UPI_KEY_ID = "upi_key_local"
# The previous one is what a rotation leaves valid for a while; locally nobody signs with it.
SECRETS = ("UPI_KEY_SECRET", "UPI_WEBHOOK_SECRET", "UPI_WEBHOOK_SECRET_PREVIOUS", "MAPS_API_KEY")
# Keys with names, `name:hex`.
NAMED_KEYS = ("SECOND_FACTOR_KEYS",)


def new_secrets() -> dict[str, str]:
    """Fresh values for everything that production keeps in its secret store."""
    plain = {name: secrets.token_hex(24) for name in SECRETS}
    return plain | {name: f"local:{secrets.token_hex(32)}" for name in NAMED_KEYS}


def inherited() -> dict[str, str]:
    """The little of the user's environment that parts see: no credentials, no proxies, no settings."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def common(layout: Layout) -> dict[str, str]:
    """What every function gets, and what tools and tests need to reach the stack."""
    return {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "FIRESTORE_EMULATOR_HOST": layout.address("firestore"),
        "PUBSUB_EMULATOR_HOST": layout.address("pubsub"),
        "FIREBASE_AUTH_EMULATOR_HOST": layout.address("auth"),
        "CLOUD_TASKS_EMULATOR_HOST": layout.address("cloud_tasks"),
        "REDIS_URL": f"redis://{layout.address('redis')}/0",
        "OIDC_ISSUER": f"{layout.url('oidc')}/oidc",
        "OIDC_JWKS_URL": f"{layout.url('oidc')}/oidc/jwks.json",
        "UPI_API_URL": layout.url("upi"),
        "UPI_KEY_ID": UPI_KEY_ID,
        "FCM_API_URL": layout.url("fcm"),
        "MAPS_API_URL": layout.url("maps"),
        "STORAGE_API_URL": layout.url("storage"),
        "IAM_API_URL": layout.url("storage"),
        "DOCUMENT_BUCKET": f"{PROJECT}-documents",
        "SIGNING_ACCOUNT": f"verification-api@{PROJECT}.iam.gserviceaccount.com",
        "RATE_LIMIT_SCALE": "1000",  # everybody here shares one address, and the city never sleeps
        "OFFER_SECONDS": f"{layout.options.offer_seconds:g}",
        "FUNCTION_URLS": json.dumps(layout.function_urls),
        "WAYBILL_URL": layout.url("gateway"),
    }


def for_functions(layout: Layout, names: Iterable[str]) -> dict[str, str]:
    """The environment of a process that runs the named functions: common, and the secrets they declare.

    Raises `StackError` for a secret that the local stack does not have.
    """
    environment = {**inherited(), **common(layout), "FUNCTION_USE_ASGI": "1"}
    for name in names:
        for secret in layout.manifests[name].deploy.secrets:
            if secret not in layout.secrets:
                raise StackError(f"{name} declares the secret {secret}: add it to {__name__}.SECRETS.")
            environment[secret] = layout.secrets[secret]
    return {**environment, **layout.options.environment}

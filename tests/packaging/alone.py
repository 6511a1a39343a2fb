"""Starts a build folder in an interpreter that knows nothing of the repository."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.packing.build import Packed
from infra.packing.distributions import owners
from tests.patience import HANG_SECONDS

SERVER = Path(__file__).with_name("serve_alone.py")
START_LIMIT_SECONDS = HANG_SECONDS
CLOSED = "127.0.0.1:1"
"""An address where nothing listens: starting and answering /health must not need the others."""

ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "demo-waybill",
    "FIRESTORE_EMULATOR_HOST": CLOSED,
    "PUBSUB_EMULATOR_HOST": CLOSED,
    "FIREBASE_AUTH_EMULATOR_HOST": CLOSED,
    "CLOUD_TASKS_EMULATOR_HOST": CLOSED,
    "REDIS_URL": f"redis://{CLOSED}/0",
    "OIDC_ISSUER": f"http://{CLOSED}/oidc",
    "OIDC_JWKS_URL": f"http://{CLOSED}/oidc/jwks.json",
    "PAYMENT_GATEWAY_URLS": f'{{"upi": "http://{CLOSED}"}}',
    "PAYMENT_GATEWAY_KEYS": '{"upi": {"key_id": "key", "key_secret": "secret"}}',
    "PAYMENT_WEBHOOK_SECRETS": '{"upi": ["secret"]}',
    "FCM_API_URL": f"http://{CLOSED}",
    "FUNCTION_URLS": "{}",
    "WAYBILL_URL": f"http://{CLOSED}",
}


@dataclass(frozen=True, slots=True)
class Running:
    """What the started function says of itself."""

    url: str
    entry_point: str
    loaded: Sequence[str]
    ours: Sequence[str]
    reachable: Sequence[str]


@contextmanager
def started(packed: Packed, scratch: Path, environment: Mapping[str, str] = ENVIRONMENT) -> Iterator[Running]:
    """Serve the folder on a free port, with nothing installed but its requirements."""
    withheld = scratch / "withheld.json"
    withheld.write_text(json.dumps([m for m, owner in owners().items() if owner not in packed.packages]))
    command = [sys.executable, "-I", "-B", str(SERVER), packed.name, str(withheld)]
    errors = scratch / "stderr"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(  # noqa: S603 - our own interpreter
            command, cwd=packed.folder, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        limit = threading.Timer(START_LIMIT_SECONDS, process.kill)
        limit.start()
        try:
            yield _parsed(process, errors)
        finally:
            limit.cancel()
            process.kill()


def _parsed(process: subprocess.Popen[str], errors: Path) -> Running:
    """Wait for the report; the listener stands by then, so that a request only has to wait."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith('{"port": '):
            said = json.loads(line)
            return Running(url=f"http://127.0.0.1:{said.pop('port')}", **said)
    raise AssertionError(f"the function did not start:\n{errors.read_text()}")

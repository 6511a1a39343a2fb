"""One step of the set-up: done once for each content of the files it depends on."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LOGS = REPOSITORY / ".waybill" / "setup"
STILL_EVERY_SECONDS = 15.0
TAIL_LINES = 25


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def say(text: str) -> None:
    """Show progress."""
    sys.stdout.write(f"setup: {text}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Step:
    """Commands that bring something in, and the stamp that remembers for which inputs they did.

    The stamp lies inside what they make, so that it goes when that goes.
    """

    name: str
    inputs: Sequence[Path]
    stamp: Path
    commands: Sequence[Sequence[str]]
    remedy: str
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Do it unless it is done. Raises `SetupError`."""
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in self.inputs)).hexdigest()
        if self.stamp.exists() and self.stamp.read_text() == digest:
            return
        began = time.monotonic()
        say(f"{self.name} …")
        done = threading.Event()
        threading.Thread(target=self._tell_until, args=(done, began), daemon=True).start()
        try:
            self._execute()
        finally:
            done.set()
        self.stamp.write_text(digest)
        say(f"{self.name}: done in {time.monotonic() - began:.0f} s")

    def _execute(self) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        file = LOGS / f"{self.name.replace(' ', '-')}.log"
        with file.open("w") as log:
            for command in self.commands:
                ended = subprocess.run(  # noqa: S603
                    command,
                    cwd=REPOSITORY,
                    env=dict(self.env) or None,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    check=False,
                )
                if ended.returncode:
                    tail = "\n".join(file.read_text(errors="replace").splitlines()[-TAIL_LINES:])
                    raise SetupError(f"{self.name}: `{' '.join(command)}` failed.\n{tail}\n{self.remedy}")

    def _tell_until(self, done: threading.Event, began: float) -> None:
        while not done.wait(STILL_EVERY_SECONDS):
            say(f"{self.name}: still at work after {time.monotonic() - began:.0f} s")

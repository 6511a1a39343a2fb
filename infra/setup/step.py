"""One step of the set-up: it runs once for each content of its input files."""

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
REPORT_SECONDS = 15.0
TAIL_LINES = 25


class SetupError(Exception):
    """The set-up cannot continue; the message says what to do."""


def say(text: str) -> None:
    """Print progress."""
    sys.stdout.write(f"setup: {text}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Step:
    """Commands that install something, and the stamp that records their inputs.

    The stamp is inside what they install, so that it is removed together with that.
    """

    name: str
    inputs: Sequence[Path]
    stamp: Path
    commands: Sequence[Sequence[str]]
    remedy: str
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Run the commands unless the stamp is current. Raises `SetupError`."""
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in self.inputs)).hexdigest()
        if self.stamp.exists() and self.stamp.read_text() == digest:
            return
        started_at = time.monotonic()
        say(f"{self.name} …")
        done = threading.Event()
        threading.Thread(target=self._report_until, args=(done, started_at), daemon=True).start()
        try:
            self._execute()
        finally:
            done.set()
        self.stamp.write_text(digest)
        say(f"{self.name}: done in {time.monotonic() - started_at:.0f} s")

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

    def _report_until(self, done: threading.Event, started_at: float) -> None:
        while not done.wait(REPORT_SECONDS):
            say(f"{self.name}: still running after {time.monotonic() - started_at:.0f} s")

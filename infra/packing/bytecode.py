"""Compile modules so that they are valid wherever the build folder is unpacked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_LIMIT_SECONDS = 60


def compile_all(folder: Path) -> None:
    """Compile every module under `folder`, with its path inside the folder in tracebacks.

    The files are unchecked: uploads change modification times, and a checked file is read twice. A separate
    process with a fixed hash seed makes the bytes independent of the state of this process.
    """
    command = [sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    subprocess.run(  # noqa: S603 - our own interpreter
        [*command, "-s", str(folder), str(folder)],
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": ""},
        timeout=_LIMIT_SECONDS,
        check=True,
    )

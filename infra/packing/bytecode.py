"""Compiled modules that are valid wherever the build folder is unpacked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_LIMIT_SECONDS = 60


def compile_all(folder: Path) -> None:
    """Compile every module under `folder`, with its path inside the folder in tracebacks.

    Unchecked: uploads change modification times, and a checked file is read twice. In a process of
    its own with a fixed hash seed, because the bytes depend on what a process did before.
    """
    command = [sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    subprocess.run(  # noqa: S603 - our own interpreter
        [*command, "-s", str(folder), str(folder)],
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": ""},
        timeout=_LIMIT_SECONDS,
        check=True,
    )

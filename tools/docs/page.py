"""Pages that are written from the code; `make docs` writes them all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def write_or_check(page: Path, text: str, arguments: Sequence[str]) -> int:
    """Write the page or, with `--check` in `arguments`, say whether it is stale; return the exit code."""
    name = f"docs/{page.name}"
    if "--check" not in arguments:
        page.parent.mkdir(exist_ok=True)
        page.write_text(text)
        sys.stdout.write(f"wrote {name}\n")
        return 0
    if page.exists() and page.read_text() == text:
        return 0
    sys.stderr.write(f"{name} is out of date: run `make docs`\n")
    return 1

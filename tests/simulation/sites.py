"""Where in production code a port is called from: the use case's function, and the adapter's."""

from __future__ import annotations

import sys
from pathlib import Path
from types import CodeType

ROOT = str(Path(__file__).resolve().parents[2])
_known: dict[tuple[CodeType, ...], str] = {}


def call_site(operation: str) -> str:
    """Return `usecase.function adapter.function port.operation` of the call that is going on.

    While a coroutine runs, its callers' frames lie beneath it, up to the task that it runs in.
    """
    frame = sys._getframe(2)
    codes: list[CodeType] = []
    while frame.f_back is not None:
        path = frame.f_code.co_filename
        if path.startswith(ROOT) and ("/shared/" in path or "/functions/" in path):
            codes.append(frame.f_code)
        frame = frame.f_back
    key = tuple(codes)
    if key not in _known:
        _known[key] = _named(codes)
    return f"{_known[key]} {operation}"


def _named(codes: list[CodeType]) -> str:
    usecase = next(
        (c for c in codes if "/usecases/" in c.co_filename or "/functions/" in c.co_filename), None
    )
    adapter = next((c for c in codes if "/adapters/" in c.co_filename), None)
    return " ".join(_short(code) for code in (usecase, adapter) if code)


def _short(code: CodeType) -> str:
    path = Path(code.co_filename)
    parent = path.parts[-3] if path.parts[-2] == "usecases" else path.parts[-2]
    return f"{parent}/{path.stem}:{code.co_qualname}"


def use_cases() -> set[str]:
    """Return every use case of the tree, as `context/name`."""
    found = Path(ROOT, "shared").glob("*/usecases/*.py")
    return {f"{path.parts[-3]}/{path.stem}" for path in found if path.stem != "__init__"}

"""Where in production code a port is called from: the use case's function, and the adapter's."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType

ROOT = str(Path(__file__).resolve().parents[2])
_known: dict[tuple[CodeType, ...], str] = {}
_through: dict[str, set[str]] = {}
_ours: dict[CodeType, bool] = {}


def call_site(operation: str) -> str:
    """Return `usecase.function adapter.function port.operation` of the call that is going on.

    While a coroutine runs, its callers' frames lie beneath it, up to the task that it runs in.
    """
    frame: FrameType | None = sys._getframe(2)
    codes: list[CodeType] = []
    while frame is not None:
        code = frame.f_code
        ours = _ours.get(code)
        if ours is None:
            ours = _ours[code] = _is_ours(code)
        if ours:
            codes.append(code)
        frame = frame.f_back
    key = tuple(codes)
    if key not in _known:
        _known[key] = _named(codes)
        _through.setdefault(_known[key], set()).update(_use_cases_of(codes))
    return f"{_known[key]} {operation}"


def _is_ours(code: CodeType) -> bool:
    path = code.co_filename
    return path.startswith(ROOT) and ("/shared/" in path or "/functions/" in path)


def _named(codes: list[CodeType]) -> str:
    usecase = next(
        (c for c in codes if "/usecases/" in c.co_filename or "/functions/" in c.co_filename), None
    )
    adapter = next((c for c in codes if "/adapters/" in c.co_filename), None)
    return " ".join(_short(code) for code in (usecase, adapter) if code)


def through(sites: Iterable[str]) -> set[str]:
    """Return the use cases on the way to these sites in this process, as `context/name`."""
    return {name for site in sites for name in _through.get(site.rpartition(" ")[0], ())}


def _use_cases_of(codes: list[CodeType]) -> set[str]:
    return {_short(code).partition(":")[0] for code in codes if "/usecases/" in code.co_filename}


def _short(code: CodeType) -> str:
    path = Path(code.co_filename)
    parent = path.parts[-3] if path.parts[-2] == "usecases" else path.parts[-2]
    return f"{parent}/{path.stem}:{code.co_qualname}"


def use_cases() -> set[str]:
    """Return every use case of the tree, as `context/name`."""
    found = Path(ROOT, "shared").glob("*/usecases/*.py")
    return {f"{path.parts[-3]}/{path.stem}" for path in found if path.stem != "__init__"}

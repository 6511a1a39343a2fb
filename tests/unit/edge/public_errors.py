"""Collect the public error codes of the whole code base.

Run it to print them, also under `python -OO`. `--add` writes the new ones into the frozen list; a code is
renamed or removed there by hand.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import functions
import shared
from shared.edge.errors import CODES, status_of
from shared.kernel.errors import DomainError

FROZEN = Path(__file__).with_name("public_error_codes.txt")


def load_everything() -> None:
    """Import every module of `shared` and `functions`."""
    for package in (shared, functions):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def error_classes(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Yield all error classes of production code."""
    for cls in base.__subclasses__():
        if cls.__module__.partition(".")[0] in ("shared", "functions"):
            yield cls
        yield from error_classes(cls)


def public_codes() -> list[str]:
    """Return each public code with its HTTP status, sorted, as `CODE 409`."""
    load_everything()
    domain = {f"{cls.code} {status_of(cls())}" for cls in error_classes()}
    return sorted(domain | {f"{code} {status}" for status, code in CODES.items()})


def texts() -> list[str]:
    """Return class, code and detail of every error, sorted."""
    load_everything()
    return sorted(f"{cls.__module__}.{cls.__qualname__} {cls.code} {cls().detail}" for cls in error_classes())


def add_new() -> None:
    """Write the codes that are new into the frozen list."""
    known = FROZEN.read_text().splitlines()
    FROZEN.write_text("\n".join(sorted({*known, *public_codes()})) + "\n")


if __name__ == "__main__":
    if "--add" in sys.argv:
        add_new()
    else:
        sys.stdout.write("\n".join([*public_codes(), *texts()]))

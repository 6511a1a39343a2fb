"""Find the installed distribution of a module."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

_SUFFIXES = (".py", ".so", ".pyd")


@cache
def owners() -> dict[str, str]:
    """Return the canonical name of the distribution of every installed module.

    Only modules with a file have an owner: the shared part of a namespace (`google.cloud`) has none.
    """
    return {
        module: canonicalize_name(distribution.name)
        for distribution in distributions()
        for module in _modules(distribution)
    }


def owner(name: str) -> str | None:
    """Return the distribution of an imported dotted name, or None."""
    while name:
        if name in owners():
            return owners()[name]
        name = name.rpartition(".")[0]
    return None


def is_standard(name: str) -> bool:
    """Return whether the module is in the standard library."""
    return name.partition(".")[0] in sys.stdlib_module_names


def _modules(distribution: Distribution) -> list[str]:
    found = []
    for file in distribution.files or ():
        path = PurePosixPath(file.as_posix())
        if path.suffix in _SUFFIXES and ".." not in path.parts:
            stem = path.name.partition(".")[0]
            parts = path.parts[:-1] if stem == "__init__" else (*path.parts[:-1], stem)
            found.append(".".join(parts))
    return found

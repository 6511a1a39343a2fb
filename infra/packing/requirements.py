"""The pinned requirements of one deployable, cut out of the root's lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.packing.errors import PackError

PLATFORM = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
"""Where deployables run, whatever machine packs them."""


def locked(lock: Path) -> dict[str, str]:
    """Return the lock's entries (version, marker and hashes) by canonical name, comments left out."""
    entries: dict[str, str] = {}
    name = ""
    for line in lock.read_text().splitlines():
        if not line.strip() or line.lstrip().startswith(("#", "-i ", "--index-url", "--extra-index-url")):
            continue
        if not line.startswith(" "):
            name = canonicalize_name(line.partition("==")[0])
            entries[name] = ""
        entries[name] += f"{line}\n"
    return entries


def declared(source: Path) -> list[Requirement]:
    """Return what a `requirements.in` names. Raises `PackError` where there is no such file."""
    if not source.is_file():
        raise PackError(f"{source} is missing: it names the function's third-party packages")
    lines = (line.partition("#")[0].strip() for line in source.read_text().splitlines())
    return [Requirement(line) for line in lines if line]


def with_dependencies(wanted: Iterable[Requirement]) -> set[str]:
    """Return the canonical names of `wanted` and of all that they need on `PLATFORM`."""
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, extra) for requirement in wanted for extra in ("", *requirement.extras)]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) not in seen:
            seen.add((name, extra))
            waiting += _needs(name, extra)
    return {name for name, _ in seen}


def _needs(name: str, extra: str) -> Iterator[tuple[Requirement, str]]:
    """Yield what a distribution (with one of its extras) needs, with each extra that is asked for."""
    environment = {**PLATFORM, "extra": extra}
    try:
        lines = requires(name) or ()
    except PackageNotFoundError as error:
        raise PackError(f"{name} is not installed: run `make setup`") from error
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield from ((requirement, wanted) for wanted in ("", *requirement.extras))


def pinned(names: Iterable[str], entries: Mapping[str, str]) -> str:
    """Return the text of a `requirements.txt`. Raises `PackError` for a name that the lock lacks."""
    missing = sorted(set(names) - set(entries))
    if missing:
        raise PackError(f"requirements.lock lacks {', '.join(missing)}: run `make lock`")
    return "".join(entries[name] for name in sorted(names))

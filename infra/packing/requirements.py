"""The pinned requirements of one deployable, taken from the lock of the repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.packing.errors import PackError

PLATFORM = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
"""The platform on which deployables run."""


def locked(lock: Path) -> dict[str, str]:
    """Return the entries of the lock (version, marker and hashes) by canonical name, without comments."""
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
    """Return the requirements of a `requirements.in`. Raises `PackError` if there is no such file."""
    if not source.is_file():
        raise PackError(f"{source} is missing: it must list the function's third-party packages")
    lines = (line.partition("#")[0].strip() for line in source.read_text().splitlines())
    return [Requirement(line) for line in lines if line]


def with_dependencies(requested: Iterable[Requirement]) -> set[str]:
    """Return the canonical names of the packages and of all their dependencies on `PLATFORM`."""
    seen: set[tuple[str, str]] = set()
    pending = [(requirement, extra) for requirement in requested for extra in ("", *requirement.extras)]
    while pending:
        requirement, extra = pending.pop()
        name = canonicalize_name(requirement.name)
        if (name, extra) not in seen:
            seen.add((name, extra))
            pending += _needs(name, extra)
    return {name for name, _ in seen}


def _needs(name: str, extra: str) -> Iterator[tuple[Requirement, str]]:
    """Yield the requirements of a distribution (with one of its extras), with each requested extra."""
    environment = {**PLATFORM, "extra": extra}
    try:
        lines = requires(name) or ()
    except PackageNotFoundError as error:
        raise PackError(f"{name} is not installed: run `make setup`") from error
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield from ((requirement, extra_) for extra_ in ("", *requirement.extras))


def pinned(names: Iterable[str], entries: Mapping[str, str]) -> str:
    """Return the text of a `requirements.txt`. Raises `PackError` for a name that the lock lacks."""
    missing = sorted(set(names) - set(entries))
    if missing:
        raise PackError(f"requirements.lock lacks {', '.join(missing)}: run `make lock`")
    return "".join(entries[name] for name in sorted(names))

"""Map a public path to its function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote

from shared.edge.callable import PREFIX
from shared.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Target:
    """A public function."""

    function: str
    url: str
    timeout_seconds: float


class Routes:
    """The public path prefixes of all functions; a function without one cannot be reached.

    `operations` name the public function of each callable.
    """

    def __init__(
        self,
        manifests: Mapping[str, Manifest],
        urls: Mapping[str, str],
        operations: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Build the table; raises `ValueError` when two functions claim the same prefix."""
        self._targets: dict[str, Target] = {}
        self._callables: dict[str, Target] = {}
        for name, manifest in manifests.items():
            target = Target(name, urls.get(name, ""), manifest.deploy.timeout_seconds)
            if manifest.http:
                found = [operation for operation, function in operations.items() if function == name]
                self._callables |= dict.fromkeys(found, target)
            for path in manifest.http.paths if manifest.http else ():
                prefix = path.rstrip("/")
                if prefix in self._targets:
                    other = self._targets[prefix].function
                    raise ValueError(f"{other} and {name} both claim {path}")
                self._targets[prefix] = target

    def prefixes(self) -> dict[str, str]:
        """Return each prefix and its function's name, by prefix."""
        return {prefix or "/": self._targets[prefix].function for prefix in sorted(self._targets)}

    def find(self, path: str) -> Target | None:
        """Return the function with the longest prefix of the decoded `path`, at segment boundaries.

        A path with dot segments has no function: the function could resolve it to another path than the
        one that was matched here.
        """
        if any(unquote(segment) in (".", "..") for segment in path.split("/")):
            return None
        if path.startswith(PREFIX):
            return self._callables.get(path.removeprefix(PREFIX))
        prefix = path.rstrip("/")
        while prefix not in self._targets:
            if not prefix:
                return None
            prefix = prefix.rpartition("/")[0]
        return self._targets[prefix]

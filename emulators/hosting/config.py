"""The `hosting` section of `firebase.json`, as far as we use it.

Reference: https://firebase.google.com/docs/hosting/full-config
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Requests whose path matches go to a Cloud Run service."""

    pattern: re.Pattern[str]
    service: str


@dataclass(frozen=True, slots=True)
class HostingConfig:
    """The folder of the pages, their header fields, and the rewrites, of which the first match counts."""

    public: Path
    headers: Mapping[str, str]
    rewrites: tuple[Rewrite, ...]

    def service(self, path: str) -> str | None:
        """Return the Cloud Run service that a path is rewritten to; None for a page."""
        return next((one.service for one in self.rewrites if one.pattern.search(path)), None)


def read(file: Path) -> HostingConfig:
    """Return the section of a `firebase.json`. Raises `ValueError` for a pattern that we cannot follow."""
    section: dict[str, Any] = json.loads(file.read_text())["hosting"]
    return HostingConfig(
        public=file.parent / section["public"],
        headers={
            field["key"]: field["value"]
            for entry in section["headers"]
            if entry["source"] == "**"
            for field in entry["headers"]
        },
        rewrites=tuple(Rewrite(_pattern(one), one["run"]["serviceId"]) for one in section["rewrites"]),
    )


def _pattern(rewrite: Mapping[str, Any]) -> re.Pattern[str]:
    if "regex" in rewrite:
        return re.compile(rewrite["regex"])
    source = str(rewrite["source"])
    folder = source.removesuffix("/**")
    if folder == source or re.search(r"[*@!+?{(\[]", folder):
        raise ValueError(f"firebase.json: write the rewrite {source} as `regex`, or as a folder and `/**`")
    return re.compile(f"^{re.escape(folder)}/")

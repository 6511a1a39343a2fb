"""What the functions answered during a test run, held against the API document.

Every request log line names the method, the route and the code of the problem. A code that the document
does not list for the operation fails the run; at the end of a complete run, so does a declared code that
no test has produced.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parents[1] / "docs" / "openapi.json"
REQUESTS = "waybill.request"

Answer = tuple[str, str, str]
"""Method, path template, code."""


class Observer(logging.Handler):
    """Remembers the refused requests of the apps in this process."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: set[Answer] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Remember one request."""
        self.add(vars(record))

    def add(self, entry: Mapping[str, Any]) -> None:
        """Remember one request log line."""
        if entry.get("code"):
            self.answers.add((entry["method"], entry["path"], entry["code"]))

    def read(self, logs: Iterable[Path]) -> None:
        """Remember the requests of functions that logged to files."""
        for log in logs:
            for line in log.read_text(errors="replace").splitlines():
                if f'"logger": "{REQUESTS}"' in line and '"code"' in line:
                    self.add(json.loads(line))


observer = Observer()


def install() -> None:
    """Start to observe the apps of this process."""
    logger = logging.getLogger(REQUESTS)
    logger.setLevel(logging.INFO)
    logger.addHandler(observer)


def undeclared(answers: Iterable[Answer]) -> list[str]:
    """Return the answers of documented operations with a code that the document does not list there."""
    listed = codes()
    return sorted(
        f"{method} {path}: {code}"
        for method, path, code in answers
        if (method, path) in listed and code not in listed[method, path][0] | listed[method, path][1]
    )


def unproduced(answers: Iterable[Answer]) -> list[str]:
    """Return the codes that an operation declares for itself and that no answer had."""
    seen = set(answers)
    return sorted(
        f"{method} {path}: {code}"
        for (method, path), (own, _) in codes().items()
        for code in own
        if (method, path, code) not in seen
    )


@cache
def codes() -> Mapping[tuple[str, str], tuple[frozenset[str], frozenset[str]]]:
    """Return, by method and path, the codes that an operation declares itself and those it shares.

    It shares those of its kind, which it lists, and the common ones, which the document lists once.
    """
    document = json.loads(DOCUMENT.read_text())
    common = document["x-common-codes"]
    return {
        (method.upper(), path): (
            frozenset(_listed(operation, "x-codes")),
            frozenset(_listed(operation, "x-shared-codes"))
            | {one["code"] for one in common if _applies(one["when"], operation)},
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def _listed(operation: Mapping[str, Any], key: str) -> Iterator[str]:
    for response in operation["responses"].values():
        yield from response.get(key, ())


def _applies(when: str, operation: Mapping[str, Any]) -> bool:
    """Say whether the operation has the part that a common code is about."""
    parameters = operation.get("parameters", ())
    return {
        "any": True,
        "signed_in": bool(operation.get("security")),
        "verified": "x-needs-verified" in operation,
        "body": "requestBody" in operation or operation["x-function"].endswith("_webhooks"),
        "path": any(one["in"] == "path" for one in parameters),
        "key": any(one["name"] == "Idempotency-Key" for one in parameters),
    }[when]

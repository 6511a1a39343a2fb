"""Writes `docs/coverage.md`: which tests show which capability, read from their `mission` marks.

`python -m tools.docs.coverage` writes it; with `--check` it only says (exit 1) whether it is out of date.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.docs.page import write_or_check

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "coverage.md"

CAPABILITIES: Mapping[str, str] = {
    "A1": "ID tokens, roles, ownership",
    "A2": "Verified e-mail and phone",
    "A3": "Profile, addresses, preferences, devices",
    "A4": "Sessions and revocation",
    "A5": "Second factor, social sign-in",
    "A6": "Identity and licence documents",
    "A7": "Reviews, ratings, blocks",
    "A9": "Rate limits",
    "B1": "Merchants: approval, hours, switch, throttle",
    "B2": "Menus: versions, options, stock",
    "B3": "Browsing near a point",
    "B4": "Service zones",
    "C1": "Quotes and placing",
    "C2": "One order, three machines, four businesses",
    "C3": "Reading and listing orders",
    "C4": "Cancelling by policy",
    "C5": "Scheduled, recurring, reorder, substitution",
    "C7": "Timeline and listeners",
    "C8": "Tips",
    "C9": "Failed delivery, return, redelivery",
    "D1": "UPI payments",
    "D4": "Webhooks and the poller",
    "D5": "Refunds",
    "E1": "Nearby drivers",
    "E2": "Scores and their terms",
    "E3": "Offers, one winner",
    "E6": "Driver states",
    "E9": "Orders that leave their driver, drivers under review",
    "F1": "Location ingest",
    "F8": "Redis lost",
    "I1": "Push notifications",
    "J2": "Operators' lists and actions",
    "J5": "Health, logs, traces",
    "K3": "Old documents and events stay readable",
    "L1": "Functions deploy alone",
    "L3": "The city on one machine",
    "L4": "OpenAPI",
    "L5": "Browser apps and the Firebase client SDK",
}
"""The capabilities that are built, by the numbers of the mission; a row without a test fails the check."""


def marks(source: str) -> Iterator[tuple[str, str]]:
    """Yield (capability, test) for every `mission` mark of a module, a class or a test."""
    tree = ast.parse(source)
    everywhere = [one for node in tree.body if isinstance(node, ast.Assign) for one in _ids(node.value)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            own = [one for mark in node.decorator_list for one in _ids(mark)]
            yield from ((one, node.name) for one in dict.fromkeys([*everywhere, *own]))


def _ids(node: ast.AST) -> Iterator[str]:
    """Yield the numbers in every `pytest.mark.mission(...)` within an expression."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.mission":
            yield from (str(one.value) for one in call.args if isinstance(one, ast.Constant))


def table(root: Path = ROOT) -> str:
    """Return the page: a row for each capability with its tests. Raises `KeyError` for an unknown number."""
    found: dict[str, dict[str, list[str]]] = {one: {} for one in CAPABILITIES}
    for path in sorted((root / "tests").rglob("test_*.py")):
        for capability, test in marks(path.read_text()):
            found[capability].setdefault(str(path.relative_to(root)), []).append(test)
    rows = [_row(one, title, found[one]) for one, title in CAPABILITIES.items()]
    head = (
        "# What the tests show\n\n"
        "Written by `make docs` from the `mission` marks of the tests; "
        "the numbers are those of the mission.\n\n"
        "| | capability | tests |\n| --- | --- | --- |\n"
    )
    return head + "\n".join(rows) + "\n"


def _row(number: str, title: str, files: Mapping[str, list[str]]) -> str:
    tests = "<br>".join(f"[{path}](../{path}): {len(names)}" for path, names in files.items())
    return f"| {number} | {title} | {tests or '**none**'} |"


def main(arguments: list[str]) -> int:
    """Write or check the page; return the exit code."""
    text = table()
    code = write_or_check(TARGET, text, arguments)
    if "--check" in arguments and not code and "**none**" in text:
        sys.stderr.write("docs/coverage.md has a capability without a test\n")
        return 1
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""`docs/glossary.md` has one row for each term, and names only modules that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"\| (?P<term>[^|]+) \| (?P<definition>[^|]+) \| `(?P<module>[^`|]+)` \|")
TABLE_LINES = [
    line
    for line in (ROOT / "docs" / "glossary.md").read_text().splitlines()
    if line.startswith("|") and not line.startswith(("| term |", "| --- |"))
]
ROWS = [match for line in TABLE_LINES if (match := ROW.fullmatch(line))]
CONTEXTS = sorted(
    path.name
    for path in (ROOT / "shared").iterdir()
    if (path / "usecases").is_dir() and path.name != "operations"
)


def test_every_line_has_a_term_a_definition_and_a_module() -> None:
    assert len(ROWS) == len(TABLE_LINES) > 0


@pytest.mark.parametrize("module", sorted({row["module"] for row in ROWS}))
def test_every_module_exists(module: str) -> None:
    assert (ROOT / module).exists()


def test_every_term_has_one_row() -> None:
    terms = [row["term"].lower() for row in ROWS]
    assert sorted(terms) == sorted(set(terms))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["term"]))
def test_a_definition_is_one_sentence(row: re.Match[str]) -> None:
    definition = row["definition"]
    assert definition[0].isupper()
    assert definition.endswith(".")
    assert ". " not in definition


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_context_has_terms(context: str) -> None:
    assert any(row["module"].startswith(f"shared/{context}/") for row in ROWS)

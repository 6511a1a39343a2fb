"""A module has one job: none is longer than what a reader holds in mind."""

from __future__ import annotations

from tests.unit.guards.sources import ROOT

ROOTS = ("functions", "shared", "infra", "tools", "emulators")
MOST_LINES = 300


def test_no_module_has_more_than_300_lines() -> None:
    """Split it by use case or by subject."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for root in ROOTS
        for path in (ROOT / root).rglob("*.py")
    }

    assert len(lengths) > 500
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}

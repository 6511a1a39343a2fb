"""Writes what was measured into `docs/performance.md`: one section for each benchmark, between comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from tests.bench.machine import Machine
from tests.bench.report import Figure, Report
from tests.bench.terminal import cells

HEADINGS = ("figure", "measured", "reference", "ratio", "goal", "")
ALIGNED = "| --- | ---: | ---: | ---: | --- | --- |"


def with_measured(text: str, report: Report, at: datetime, machine: Machine) -> str:
    """Return the document with the section of a benchmark as it was measured; a new one is at the end."""
    begin, end = f"<!-- measured: {report.name} -->", f"<!-- /measured: {report.name} -->"
    section = "\n".join([begin, "", *_lines(report, at, machine), "", end])
    known = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if known.search(text):
        return known.sub(lambda _: section, text)
    return f"{text.rstrip()}\n\n## {report.name}\n\n{section}\n"


def _lines(report: Report, at: datetime, machine: Machine) -> Sequence[str]:
    rounds = max((figure.rounds for figure in report.figures), default=1)
    medians = f", medians of {rounds} rounds" if rounds > 1 else ""
    return [
        f"{at:%Y-%m-%d}, {machine}{medians}:",
        "",
        _row(HEADINGS),
        ALIGNED,
        *(_row(_escaped(figure)) for figure in report.figures),
    ]


def _escaped(figure: Figure) -> Sequence[str]:
    return [cell.replace("|", "\\|") for cell in cells(figure)]


def _row(row: Sequence[str]) -> str:
    return f"| {' | '.join(row)} |".replace("  |", " |")

"""What was measured is written into the documentation, section by section."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.bench.document import with_measured
from tests.bench.machine import Machine
from tests.bench.report import Figure, Goal, Report, compared

AT = datetime(2026, 12, 1, 15, tzinfo=UTC)
MACHINE = Machine(2, 3.14, "3.11.7", "Linux")
HTTP = Report(
    "http", [compared("one order", "req/s", [80, 90, 70], ("bare route", [100, 100, 100]), Goal(0.8, True))]
)
TEXT = "# Performance\n\nHow they measure.\n"


def test_a_benchmark_that_the_document_does_not_know_gets_a_section_at_its_end() -> None:
    text = with_measured(TEXT, HTTP, AT, MACHINE)

    assert text.startswith(TEXT)
    assert text.splitlines()[4:] == [
        "## http",
        "",
        "<!-- measured: http -->",
        "",
        "2026-12-01, 2 processors (load 3.1), Python 3.11.7, medians of 3 rounds:",
        "",
        "| figure | measured | reference | ratio | goal | |",
        "| --- | ---: | ---: | ---: | --- | --- |",
        "| one order | 80 req/s | bare route 100 | 0.80 | >= 0.8 | met |",
        "",
        "<!-- /measured: http -->",
    ]


def test_measuring_again_replaces_the_section_and_nothing_else() -> None:
    counted = Report("cost", [Figure("reads", 49, "an order", goal=Goal(15, at_least=False))])
    before = with_measured(with_measured(TEXT, HTTP, AT, MACHINE), counted, AT, MACHINE) + "\nWhy 49.\n"
    better = Report("cost", [Figure("reads", 14, "an order", goal=Goal(15, at_least=False))])

    after = with_measured(before, better, AT, MACHINE)

    assert "| reads | 49 an order | | | <= 15 | missed |" in before
    assert after == before.replace("49 an order | | | <= 15 | missed", "14 an order | | | <= 15 | met")


def test_a_bar_in_a_name_does_not_break_the_table() -> None:
    text = with_measured(TEXT, Report("odd", [Figure("a|b", 1, "x")]), AT, MACHINE)
    assert "| a\\|b | 1 x | | | | |" in text

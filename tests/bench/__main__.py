"""`python -m tests.bench [NAME...]`: measure, write `build/bench/<name>.json` and `docs/performance.md`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from emulators.stack.errors import MissingPartError
from infra.packing.errors import PackError
from shared.kernel.errors import Unavailable
from tests.bench import cold_start, cost, ingest, nearby, order_read
from tests.bench.document import with_measured
from tests.bench.errors import NotMeasured
from tests.bench.machine import Machine
from tests.bench.report import Report
from tests.bench.run import Run
from tests.bench.server import ROOT
from tests.bench.terminal import console, show

OUT = ROOT / "build" / "bench"
DOCUMENT = ROOT / "docs" / "performance.md"

BENCHMARKS: Mapping[str, Callable[[Run], Report]] = {
    module.NAME: module.measure for module in (order_read, ingest, nearby, cold_start, cost)
}

FAILURES = (NotMeasured, PackError, MissingPartError, Unavailable, subprocess.TimeoutExpired)
"""What can go wrong with a part that a benchmark needs; the others go on."""


def main() -> int:
    """Return 0 when everything could be measured, whatever came of it."""
    options = _options()
    out = console()
    OUT.mkdir(parents=True, exist_ok=True)
    reports: list[Report] = []
    failed = False
    for name in options.names or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix="waybill-bench-") as scratch:
            try:
                reports.append(BENCHMARKS[name](Run(Path(scratch), out, options.quick)))
            except FAILURES as error:
                failed = True
                out.print(f"{name} could not be measured: {error}")
                continue
        _write(reports[-1], document=not options.quick)
    show(out, reports)
    out.print(f"written to {OUT.relative_to(ROOT)}/", style="dim")
    return int(failed)


def _write(report: Report, *, document: bool) -> None:
    """Keep what was measured: in a file of its own, and in the documentation unless it was a first look."""
    at, machine = datetime.now(UTC), Machine.now()
    report.write(OUT, at, machine)
    if document:
        DOCUMENT.write_text(with_measured(DOCUMENT.read_text(), report, at, machine))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer and shorter rounds, for a first look; the documentation stays",
    )
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())

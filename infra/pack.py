"""Builds what is deployed: `python -m infra.pack [function ...]` makes `build/<function>/`.

A folder holds the modules that the function's entry module can reach, with their paths and bytecode,
a one-line `main.py`, a pinned `requirements.txt` and the `function.toml`. Without names, every function.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from infra.packing.build import Packed, build, names
from infra.packing.closure import import_graph
from infra.packing.errors import PackError
from infra.packing.requirements import locked

ROOT = Path(__file__).parents[1]
PIPED_WIDTH = 120


def pack(wanted: Sequence[str], out: Path) -> list[Packed]:
    """Build the named functions, or all; raises `PackError` before or at the first that cannot be."""
    known = names(ROOT)
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise PackError(f"no function {', '.join(unknown)}; there are: {', '.join(known)}")
    graph, lock = import_graph(), locked(ROOT / "requirements.lock")
    return [build(ROOT, out, name, graph=graph, lock=lock) for name in wanted or known]


def show(packed: Sequence[Packed], console: Console) -> None:
    """Print one line per function."""
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    table.add_column("function")
    for heading in ("modules", "KiB", "packages"):
        table.add_column(heading, justify="right")
    for one in packed:
        kib = f"{one.size / 1024:.0f}"
        table.add_row(one.name, str(len(one.modules)), kib, str(len(one.packages)))
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.pack", description="Build deployables.")
    parser.add_argument("functions", nargs="*", metavar="function", help="default: every function")
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="where to (default: build)")
    chosen = parser.parse_args(arguments)
    piped = not sys.stdout.isatty()
    try:
        show(pack(chosen.functions, chosen.out), Console(width=PIPED_WIDTH if piped else None))
    except PackError as error:
        sys.stderr.write(f"pack: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

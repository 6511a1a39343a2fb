"""Build the deployables: `python -m infra.pack [function ...]` creates `build/<function>/`.

A folder contains the modules that the function's entry module can import, with their paths and bytecode,
a one-line `main.py`, a pinned `requirements.txt` and the `function.toml`. Without names, it builds all.
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


def pack(requested: Sequence[str], out: Path) -> list[Packed]:
    """Build the named functions, or all; raises `PackError` for the first that cannot be built."""
    known = names(ROOT)
    unknown = sorted(set(requested) - set(known))
    if unknown:
        raise PackError(f"no function {', '.join(unknown)}; known functions: {', '.join(known)}")
    graph, lock = import_graph(), locked(ROOT / "requirements.lock")
    return [build(ROOT, out, name, graph=graph, lock=lock) for name in requested or known]


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
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="target folder (default: build)")
    options = parser.parse_args(arguments)
    piped = not sys.stdout.isatty()
    try:
        show(pack(options.functions, options.out), Console(width=PIPED_WIDTH if piped else None))
    except PackError as error:
        sys.stderr.write(f"pack: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

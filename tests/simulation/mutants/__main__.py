"""`python -m tests.simulation.mutants`: plants every bug in turn and says which invariant caught it."""

from __future__ import annotations

import sys

from rich.console import Console

from tests.simulation.mutants.hunt import MUTANTS, hunt


def main() -> int:
    """Return 1 when a bug survives."""
    wanted = sys.argv[1:] or [""]
    console = Console(soft_wrap=True, highlight=False, markup=False)
    survivors = hunt([m for m in MUTANTS if any(part in m.name for part in wanted)], console.print)
    console.print(f"\n{survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())

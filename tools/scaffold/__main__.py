"""`python -m tools.scaffold function|context NAME` writes the skeleton and says what to do next."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.scaffold.context import new_context
from tools.scaffold.function import new_function
from tools.scaffold.write import ScaffoldError

ROOT = Path(__file__).parents[2]
MAKERS = {"function": new_function, "context": new_context}


def main(arguments: list[str]) -> int:
    """Write what the arguments ask for; return the exit code."""
    match arguments:
        case [("function" | "context") as kind, name] if name:
            pass
        case _:
            sys.stderr.write("usage: make new-function NAME=orders_cron, or make new-context NAME=ledger\n")
            return 2
    try:
        written = MAKERS[kind](ROOT, name)
    except ScaffoldError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path in written:
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
    sys.stdout.write("next: `make docs`, then `make check` passes; CONTRIBUTING.md says how to go on\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

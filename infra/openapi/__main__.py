"""`python -m infra.openapi` writes the document; with `--check` it only says (exit 1) whether it is stale."""

from __future__ import annotations

import json
import sys

from infra.openapi.document import TARGET, document
from infra.page import write_or_check


def main(arguments: list[str]) -> int:
    """Write or check the document; return the exit code."""
    text = json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    return write_or_check(TARGET, text, arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

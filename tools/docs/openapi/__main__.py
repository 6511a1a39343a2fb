"""`python -m tools.docs.openapi` writes the document; `--check` exits with 1 when it is stale."""

from __future__ import annotations

import json
import sys

from tools.docs.openapi.document import TARGET, document
from tools.docs.page import write_or_check


def main(arguments: list[str]) -> int:
    """Write or check the document; return the exit code."""
    text = json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    return write_or_check(TARGET, text, arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

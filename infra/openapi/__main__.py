"""`python -m infra.openapi` writes the document; with `--check` it only says (exit 1) whether it is stale."""

from __future__ import annotations

import json
import sys

from infra.openapi.document import ROOT, TARGET, document


def main(arguments: list[str]) -> int:
    """Write or check the document; return the exit code."""
    text = json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if "--check" in arguments:
        if TARGET.exists() and TARGET.read_text() == text:
            return 0
        sys.stderr.write("docs/openapi.json is out of date: run `make docs`\n")
        return 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text)
    sys.stdout.write(f"wrote {TARGET.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

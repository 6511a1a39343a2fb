"""The rewrites of Firebase Hosting in `firebase.json`, from the path prefixes of the functions.

`python -m tools.docs.hosting` writes them; with `--check` it only says (exit 1) whether they are stale.
Hosting takes the first rewrite that matches, the load balancer the longest prefix: the longest comes first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from emulators.stack.layout import LOCATION
from shared.manifest import load_all

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "firebase.json"
API = "/api/"
UNKNOWN = "profiles_api"
"""What answers a path below `/api` that no function has: any of them says so with a problem."""


def rewrites(root: Path = ROOT) -> list[dict[str, Any]]:
    """Return a rewrite for each public prefix below `/api`, and a last one for what has none."""
    prefixes = {
        path: name
        for name, manifest in load_all(root).items()
        for path in (manifest.http.paths if manifest.http else ())
        if path.startswith(API)
    }
    longest_first = sorted(prefixes, key=lambda path: (-len(path), path))
    known = [{"regex": f"^{path}(/.*)?$", "run": _service(prefixes[path])} for path in longest_first]
    return [*known, {"source": f"{API}**", "run": _service(UNKNOWN)}]


def _service(function: str) -> dict[str, str]:
    """Return the Cloud Run service of a function."""
    return {"serviceId": function.replace("_", "-"), "region": LOCATION}


def text(root: Path = ROOT) -> str:
    """Return `firebase.json` with current rewrites, one a line."""
    content = json.loads((root / "firebase.json").read_text())
    lines = ",\n".join(f"      {json.dumps(one)}" for one in rewrites(root))
    content["hosting"]["rewrites"] = "REWRITES"
    return json.dumps(content, indent=2).replace('"REWRITES"', f"[\n{lines}\n    ]") + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the rewrites; return the exit code."""
    current = text()
    if "--check" not in arguments:
        TARGET.write_text(current)
        sys.stdout.write(f"wrote {TARGET.name}\n")
        return 0
    if TARGET.read_text() == current:
        return 0
    sys.stderr.write(f"{TARGET.name} is out of date: run `make docs`\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""The subscriptions of event functions in their `function.toml`, from the events that they handle.

`python -m tools.docs.subscriptions` writes them; with `--check` it only says (exit 1) which are stale.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.manifest import Manifest, load_all

ROOT = Path(__file__).parents[2]
_BLOCKS = re.compile(r'(\[\[events\]\]\ntopic = "[a-z_]+"\n\n?)+')


def topics(name: str) -> list[str]:
    """Return the topics of the events that a function handles, in the order of its handlers."""
    handlers = importlib.import_module(f"functions.{name}.main").HANDLERS
    return list(dict.fromkeys(event.topic() for event in handlers))


def subscribed(manifest: Manifest) -> list[str]:
    """Return the topics that a manifest names."""
    return [trigger.topic for trigger in manifest.events]


def stale(root: Path = ROOT) -> dict[str, Sequence[str]]:
    """Return, by function, the topics that its manifest should name and does not, or not alone."""
    found = {name: (topics(name), manifest) for name, manifest in load_all(root).items() if manifest.events}
    return {
        name: handled
        for name, (handled, manifest) in found.items()
        if sorted(handled) != sorted(subscribed(manifest))
    }


def rewritten(text: str, names: Sequence[str]) -> str:
    """Return a manifest with these subscriptions in place of those that it has."""
    blocks = "".join(f'[[events]]\ntopic = "{name}"\n\n' for name in names)
    return _BLOCKS.sub(blocks, text, count=1)


def main(arguments: list[str]) -> int:
    """Write or check the subscriptions; return the exit code."""
    wrong = stale()
    for name, names in wrong.items():
        path = ROOT / "functions" / name / "function.toml"
        if "--check" in arguments:
            sys.stderr.write(f"{path.relative_to(ROOT)} does not subscribe to {names}: run `make docs`\n")
        else:
            path.write_text(rewritten(path.read_text(), names))
    return 1 if wrong and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

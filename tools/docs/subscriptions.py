"""The subscriptions of event functions in their `function.toml`, from the events that they handle.

`python -m tools.docs.subscriptions` writes them; with `--check` it only says (exit 1) which are stale.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.manifest import Manifest, load_all

ROOT = Path(__file__).parents[2]
_BLOCKS = re.compile(r'(\[\[events\]\]\ntopic = "[a-z_]+"\n(events = \[[^]]*\]\n)?\n?)+')
Subscriptions = Mapping[str, Sequence[str]]
"""The short names of events, by topic."""


def handled(name: str) -> Subscriptions:
    """Return the events that a function handles, topics in the order of its handlers."""
    found: dict[str, list[str]] = {}
    for event in importlib.import_module(f"functions.{name}.main").HANDLERS:
        found.setdefault(event.topic(), []).append(event.name())
    return {topic: sorted(names) for topic, names in found.items()}


def subscribed(manifest: Manifest) -> Subscriptions:
    """Return the events that a manifest names."""
    return {trigger.topic: list(trigger.events) for trigger in manifest.events}


def stale(root: Path = ROOT) -> dict[str, Subscriptions]:
    """Return, by function, the events that its manifest should name and does not, or not alone."""
    found = {name: (handled(name), manifest) for name, manifest in load_all(root).items() if manifest.events}
    return {name: wanted for name, (wanted, manifest) in found.items() if wanted != subscribed(manifest)}


def rewritten(text: str, events: Subscriptions) -> str:
    """Return a manifest with these subscriptions in place of those that it has."""
    blocks = "".join(
        f'[[events]]\ntopic = "{topic}"\nevents = [\n{_lines(names)}]\n\n' for topic, names in events.items()
    )
    return _BLOCKS.sub(blocks, text, count=1)


def _lines(names: Sequence[str]) -> str:
    return "".join(f'    "{name}",\n' for name in names)


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

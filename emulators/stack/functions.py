"""The processes of a stack's functions: one per function as in production, or one for most of them."""

from __future__ import annotations

import json
import sys

from emulators.stack import environment
from emulators.stack.layout import REPOSITORY, Layout
from emulators.stack.process import Command

TOGETHER = "functions"  # name of the process of all functions without a process of their own


def commands(layout: Layout) -> list[Command]:
    """Return one command per function process. Raises `StackError` for an unknown secret."""
    file = layout.options.folder / "functions.json"
    ports = {name: layout.ports[name] for name in layout.manifests}
    file.write_text(json.dumps({"root": str(layout.options.root), "ports": ports}, indent=2))
    host = (sys.executable, "-m", "emulators.functions_host", "--config", str(file))
    alone = [_alone(layout, name, (*host, "--function", name)) for name in sorted(layout.alone)]
    names = serving(layout, TOGETHER)
    if not names:
        return alone
    env = environment.for_functions(layout, names)
    remedy = "One of the functions under functions/ does not start."
    arguments = [part for name in names for part in ("--function", name)]
    return [Command(TOGETHER, (*host, *arguments), env, REPOSITORY, remedy), *alone]


def serving(layout: Layout, part: str) -> list[str]:
    """Return the names of the functions that the process runs."""
    return [name for name in layout.manifests if name not in layout.alone] if part == TOGETHER else [part]


def _alone(layout: Layout, name: str, argv: tuple[str, ...]) -> Command:
    own = {"PORT": str(layout.ports[name]), "FUNCTION_TARGET": name}
    env = {**environment.for_functions(layout, [name]), **own}
    return Command(name, argv, env, REPOSITORY, f"See functions/{name}.")

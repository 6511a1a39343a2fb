"""The functions of a stack as processes: one each as in production, or all in one."""

from __future__ import annotations

import json
import sys

from emulators.stack import environment
from emulators.stack.layout import REPOSITORY, Layout
from emulators.stack.process import Command

TOGETHER = "functions"  # name of the one process that runs them all


def commands(layout: Layout) -> list[Command]:
    """One command per function process. Raises `StackError` for an unknown secret."""
    file = layout.options.folder / "functions.json"
    ports = {name: layout.ports[name] for name in layout.manifests}
    file.write_text(json.dumps({"root": str(layout.options.root), "ports": ports}, indent=2))
    host = (sys.executable, "-m", "emulators.functions_host", "--config", str(file))
    if not layout.manifests:
        return []
    if not layout.options.isolated:
        env = environment.for_functions(layout, layout.manifests)
        remedy = "One of the functions under functions/ does not start."
        return [Command(TOGETHER, (*host, "--all"), env, REPOSITORY, remedy)]
    return [_isolated(layout, name, (*host, "--function", name)) for name in layout.manifests]


def serving(layout: Layout, part: str) -> list[str]:
    """Names of the functions that the process runs."""
    return list(layout.manifests) if part == TOGETHER else [part]


def _isolated(layout: Layout, name: str, argv: tuple[str, ...]) -> Command:
    own = {"PORT": str(layout.ports[name]), "FUNCTION_TARGET": name}
    env = {**environment.for_functions(layout, [name]), **own}
    return Command(name, argv, env, REPOSITORY, f"This is ours: functions/{name}.")

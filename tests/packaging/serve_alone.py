"""Serves one build folder, run by an isolated interpreter (`python -I`) with that folder as cwd.

usage: serve_alone.py FUNCTION FILE, where FILE lists the installed modules that the function's
requirements do not bring: here they cannot be imported. The first line of output is a JSON report.
"""

import importlib.util
import json
import socket
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any


class Withheld(MetaPathFinder):
    """Makes modules look as if they were not installed."""

    def __init__(self, modules: frozenset[str]) -> None:
        self._modules = modules

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse what is withheld, leave the rest to the next finder."""
        if fullname in self._modules:
            raise ModuleNotFoundError(f"{fullname} is not among the requirements", name=fullname)
        return None


def report(port: int, function: str) -> str:
    """Describe what was loaded, before the first request."""
    entry = sys.modules[f"functions.{function}.main"]
    ours = [module for name, module in sys.modules.items() if name.split(".")[0] in ("functions", "shared")]
    return json.dumps(
        {
            "port": port,
            "entry_point": getattr(entry, function).__name__,
            "loaded": sorted(sys.modules),
            "ours": sorted(str(module.__file__) for module in ours),
            "reachable": [name for name in ("emulators", "infra", "tests") if importlib.util.find_spec(name)],
        }
    )


def serve(function: str, withheld: Path) -> None:
    """Start the function as the platform does, report, answer until killed."""
    sys.meta_path.insert(0, Withheld(frozenset(json.loads(withheld.read_text()))))
    import functions_framework.aio
    import uvicorn

    create_asgi_app: Callable[..., Any] = functions_framework.aio.create_asgi_app
    app = create_asgi_app(target=function, source=str(Path.cwd() / "main.py"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stdout.write(report(listener.getsockname()[1], function) + "\n")
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))

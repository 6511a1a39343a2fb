"""Run functions as production does: the ASGI application of `functions_framework` under uvicorn.

Each `--function NAME` runs one function in this process, on its own port; all share one event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn
import uvloop
from functions_framework import aio

HOST = "127.0.0.1"
DRAIN_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Configuration:
    """The folder that holds `functions/`, and the port of each function."""

    root: Path
    ports: Mapping[str, int]

    @classmethod
    def read(cls, file: Path) -> Configuration:
        """Read `{"root": …, "ports": {name: port}}`."""
        content = json.loads(file.read_text())
        return cls(Path(content["root"]), content["ports"])


class _Server(uvicorn.Server):
    """A server without signal handlers: the process can run several."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server_for(configuration: Configuration, name: str) -> uvicorn.Server:
    """Load the function of that name, and the server that listens on its port."""
    source = configuration.root / "functions" / name / "main.py"
    app = aio.create_asgi_app(target=name, source=str(source))  # type: ignore[no-untyped-call]
    return _Server(
        uvicorn.Config(
            app,
            host=HOST,
            port=configuration.ports[name],
            log_config=None,  # the function's own formatter writes the log
            access_log=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )


async def serve(servers: Sequence[uvicorn.Server]) -> None:
    """Serve until SIGTERM or SIGINT, then finish running requests."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _request_exit, servers)
    await asyncio.gather(*(server.serve() for server in servers))


def _request_exit(servers: Sequence[uvicorn.Server]) -> None:
    for server in servers:
        server.should_exit = True


async def _run(configuration: Configuration, names: Sequence[str]) -> None:
    await serve([server_for(configuration, name) for name in names])


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m emulators.functions_host", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--function", metavar="NAME", action="append", required=True)
    arguments = parser.parse_args()
    uvloop.run(_run(Configuration.read(arguments.config), arguments.function))


if __name__ == "__main__":
    main()

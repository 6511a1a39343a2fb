"""One worker process with one target: `python -m tests.bench.serve TARGET DESCRIPTOR`.

The listening socket is inherited, so that whoever started this may connect at once.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn
from functions_framework import aio


def serve(target: str, descriptor: int) -> None:
    """Serve as production does until ended by a signal."""
    source = Path(__file__).parent / "targets" / f"{target}.py"
    app = aio.create_asgi_app(target=target, source=str(source))  # type: ignore[no-untyped-call]
    with socket.socket(fileno=descriptor) as listener:
        uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))

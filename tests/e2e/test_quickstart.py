"""`docs/quickstart.md`, pasted block after block into a shell, its page in a browser.

The one test on the documented ports. They belong to the machine, so a lock keeps two runs of it apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from emulators.stack.layout import REPOSITORY
from emulators.stack.ports import HOST, standard_ports
from tests.e2e.browser import chromium, tab
from tests.observed import observer

pytestmark = [pytest.mark.emulator, pytest.mark.mission("L3", "L5")]

PAGE = REPOSITORY / "docs" / "quickstart.md"
FOLDER = REPOSITORY / ".waybill" / "default"
PAGE_PORT = 5173
ORIGIN = f"http://{HOST}:{PAGE_PORT}"
READY = "The stack runs."
START_LIMIT_S, BLOCK_LIMIT_S = 600, 300
"""A hang, not a slow machine."""
DONE = "--- done ---"


def blocks() -> list[str]:
    """Return what the page tells to paste, in order."""
    return re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_every_block_of_the_page_is_one_to_paste() -> None:
    assert set(re.findall(r"^```(\w*)\n", PAGE.read_text(), re.MULTILINE)) == {"bash", ""}


@pytest.fixture
def ports() -> Iterator[None]:
    """Keep the documented ports for this test; skip it while other programs have them."""
    with (Path(tempfile.gettempdir()) / f"waybill-quickstart-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for port in (*standard_ports(REPOSITORY / "firebase.json").values(), PAGE_PORT):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError:
                    pytest.skip(f"another program has the port {port}")
        yield


@pytest.fixture
async def town(ports: None) -> AsyncIterator[None]:
    """Start the town as the page says, without setting the clone up, which has been done."""
    command = blocks()[0]
    assert command.startswith("make up ")
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    env |= {"SKIP_SETUP": "1", "TOGETHER": "1", "CORS_ORIGINS": ORIGIN}
    making = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        command,
        cwd=REPOSITORY,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        await _read(making, READY, START_LIMIT_S)
        yield
    finally:
        await _end(making)
        observer.read((FOLDER / "logs").glob("*.log"))


async def _end(making: asyncio.subprocess.Process) -> None:
    """End the town as Ctrl-C does; where the tests run in the background, nothing hears that."""
    heard = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    with contextlib.suppress(ProcessLookupError):
        os.killpg(making.pid, signal.SIGINT if heard else signal.SIGTERM)
    await making.communicate()


class Terminal:
    """A shell in the clone, in which a failed command ends everything."""

    def __init__(self, shell: asyncio.subprocess.Process) -> None:
        self._shell = shell

    async def paste(self, block: str) -> str:
        """Run a block, and return what it printed."""
        assert self._shell.stdin
        self._shell.stdin.write(f"{block}\necho; echo '{DONE}'\n".encode())
        return await _read(self._shell, DONE, BLOCK_LIMIT_S)


@pytest.fixture
async def terminal(town: None) -> AsyncIterator[Terminal]:
    pipe = asyncio.subprocess.PIPE
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-eu",
        "-o",
        "pipefail",
        cwd=REPOSITORY,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    yield Terminal(shell)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
    await shell.communicate()


async def _read(process: asyncio.subprocess.Process, end: str, limit_s: float) -> str:
    """Return what a process prints until the line `end`; fail with it if that never comes."""
    assert process.stdout
    lines: list[str] = []
    try:
        async with asyncio.timeout(limit_s):
            while line := (await process.stdout.readline()).decode():
                if line.startswith(end):
                    return "".join(lines)
                lines.append(line)
    except TimeoutError:
        lines.append(f"still running after {limit_s} s")
    pytest.fail("".join(lines), pytrace=False)


async def test_the_page_leads_from_a_sign_in_to_a_delivered_order_by_curl_and_in_a_browser(
    terminal: Terminal,
) -> None:
    chromium()
    addresses = json.loads((FOLDER / "stack.json").read_text())["addresses"]
    for part, port in standard_ports(REPOSITORY / "firebase.json").items():
        assert addresses[part] == f"{HOST}:{port}"

    _, *pasted = blocks()
    served = next(number for number, block in enumerate(pasted) if "http.server" in block)
    by_curl = [await terminal.paste(block) for block in pasted[:served]]
    assert "delivered\norder_placed" in by_curl[-1]

    await terminal.paste(pasted[served])
    async with tab(ORIGIN.replace(HOST, "localhost")) as unlisted, tab(ORIGIN) as page:
        await page.until("state", "placed")
        by_sdk = [await terminal.paste(block) for block in pasted[served + 1 :]]
        assert "\ndelivered\n" in by_sdk[-1]
        await page.until("state", "delivered")
        assert page.reported("state")[:2] == ["signing in", "placed"]
        assert page.reported("error") == []
        assert page.reported("outside") == []
        await unlisted.until("error", "Access-Control-Allow-Origin")
        assert unlisted.reported("state") == ["signing in"]

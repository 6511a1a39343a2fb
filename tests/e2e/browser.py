"""A real browser for tests: Chromium, driven by `browser.mjs`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from emulators.stack.locate import node

SCRIPT = Path(__file__).with_name("browser.mjs")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LIMIT_S = 300
"""A page that shows nothing new for so long hangs."""


def chromium() -> str:
    """Return the path of a Chromium; skip the test on a machine without one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not found:
        pytest.skip("needs Chromium: `apt install chromium`, or set CHROMIUM to its path")
    return found


class Tab:
    """One page in a browser of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.seen: list[dict[str, Any]] = []

    async def until(self, key: str, value: str) -> None:
        """Wait until the page reports this: a `state` that it shows, or a part of an `error`."""
        assert self._process.stdout
        try:
            async with asyncio.timeout(LIMIT_S):
                while not any(value in said.get(key, "") for said in self.seen):
                    line = await self._process.stdout.readline()
                    assert line, f"the browser has ended: {self.seen}"
                    self.seen.append(json.loads(line))
        except TimeoutError:
            pytest.fail(f"the page never reported {key} {value}: {self.seen}")

    def reported(self, key: str) -> list[str]:
        """Return all that the page has reported of a kind."""
        return [said[key] for said in self.seen if key in said]


@asynccontextmanager
async def tab(url: str) -> AsyncIterator[Tab]:
    """Open a page."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        str(node()), str(SCRIPT), url, stdin=pipe, stdout=pipe, env={**os.environ, "CHROMIUM": chromium()}
    )
    try:
        yield Tab(process)
    finally:
        if process.stdin:
            process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()

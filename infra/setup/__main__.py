"""Makes a fresh clone ready: `python3 -m infra.setup`. Quick when everything is there.

Runs on the machine's own Python before there is a virtual environment: standard library only.
"""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from infra.setup.step import LOGS, REPOSITORY, SetupError, Step, say

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
VENV = REPOSITORY / ".venv"
VENV_PYTHON = str(VENV / "bin" / "python")
NODE_MODULES = REPOSITORY / "node_modules"
LOCKS = (REPOSITORY / "requirements.lock", REPOSITORY / "package-lock.json")

PYTHON_PACKAGES = Step(
    name="Python packages",
    inputs=[LOCKS[0]],
    stamp=VENV / ".waybill-stamp",
    commands=[
        (sys.executable, "-m", "venv", str(VENV)),
        (VENV_PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCKS[0])),
    ],
    remedy="On Debian, `apt install python3-venv` brings what a virtual environment needs.",
)
# Nothing of ours needs an install script of a package, and a native build alone takes over a minute.
NPM_PACKAGES = Step(
    name="npm packages",
    inputs=[LOCKS[1], REPOSITORY / "package.json"],
    stamp=NODE_MODULES / ".waybill-stamp",
    commands=[("npm", "ci", "--ignore-scripts", "--prefer-offline")],
    remedy="`make clean setup` begins anew.",
)
# Looks in the places that emulators/stack/locate.py lists, and downloads only what is in none of them.
EMULATORS = Step(
    name="Google emulators",
    inputs=[*LOCKS],
    stamp=VENV / ".emulators-stamp",
    commands=[(VENV_PYTHON, "-m", "infra.setup.emulators")],
    remedy="The message above says how to get what is missing.",
)


def check_machine() -> None:
    """Raise `SetupError` that names everything the machine lacks."""
    missing = []
    if sys.version_info < OLDEST_PYTHON:
        missing.append(
            f"Python 3.11 or newer (this is {sys.version.split()[0]}; `make PYTHON=…` names another)"
        )
    if node_version() < OLDEST_NODE or shutil.which("npm") is None:
        missing.append(f"Node {OLDEST_NODE} or newer with npm (https://nodejs.org, `apt install nodejs npm`)")
    if missing:
        raise SetupError("This machine lacks " + " and ".join(missing) + ".")


def node_version() -> int:
    """Return major version of Node on PATH; 0 without one."""
    program = shutil.which("node")
    if program is None:
        return 0
    told = subprocess.run((program, "--version"), capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.match(r"v(\d+)", told)
    return int(found[1]) if found else 0


def main() -> int:
    """Return 0 when everything is there."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / "lock").open("w") as lock:  # two `make` at once: the second waits, then finds all done
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            check_machine()
            with ThreadPoolExecutor() as both:
                for outcome in [both.submit(step.run) for step in (PYTHON_PACKAGES, NPM_PACKAGES)]:
                    outcome.result()
            EMULATORS.run()
        except SetupError as error:
            say(str(error))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

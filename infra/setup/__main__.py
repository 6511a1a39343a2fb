"""Set up a fresh clone: `python3 -m infra.setup`. Quick when everything is installed.

It runs on the system's Python before the virtual environment exists, so it imports the standard library only.
"""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from infra.setup.step import LOGS, REPOSITORY, SetupError, Step, say

MIN_PYTHON = (3, 11)
MIN_NODE = 20
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
    remedy="On Debian, `apt install python3-venv` installs what a virtual environment needs.",
)
# We need no install script of a package, and a native build alone takes over a minute.
NPM_PACKAGES = Step(
    name="npm packages",
    inputs=[LOCKS[1], REPOSITORY / "package.json"],
    stamp=NODE_MODULES / ".waybill-stamp",
    commands=[("npm", "ci", "--ignore-scripts", "--prefer-offline")],
    remedy="`make clean setup` starts from scratch.",
)
# Searches the places that emulators/stack/locate.py lists, and downloads what it does not find.
EMULATORS = Step(
    name="Google emulators",
    inputs=[*LOCKS],
    stamp=VENV / ".emulators-stamp",
    commands=[(VENV_PYTHON, "-m", "infra.setup.emulators")],
    remedy="The message above says how to install the missing program.",
)


def check_machine() -> None:
    """Raise `SetupError` that names everything that the machine lacks."""
    missing = []
    if sys.version_info < MIN_PYTHON:
        missing.append(
            f"Python 3.11 or newer (this is {sys.version.split()[0]}; `make PYTHON=…` selects another)"
        )
    if node_version() < MIN_NODE or shutil.which("npm") is None:
        missing.append(f"Node {MIN_NODE} or newer with npm (https://nodejs.org, `apt install nodejs npm`)")
    if missing:
        raise SetupError("This machine lacks " + " and ".join(missing) + ".")


def node_version() -> int:
    """Return the major version of Node on PATH; 0 without one."""
    program = shutil.which("node")
    if program is None:
        return 0
    output = subprocess.run((program, "--version"), capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.match(r"v(\d+)", output)
    return int(found[1]) if found else 0


def main() -> int:
    """Run all steps; return 0 when everything is installed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / "lock").open("w") as lock:  # of two concurrent `make` the second waits and finds all done
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            check_machine()
            with ThreadPoolExecutor() as executor:
                for outcome in [executor.submit(step.run) for step in (PYTHON_PACKAGES, NPM_PACKAGES)]:
                    outcome.result()
            EMULATORS.run()
        except SetupError as error:
            say(str(error))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

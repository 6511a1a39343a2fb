"""Runs a command that the kernel kills when the launcher's thread ends, even by SIGKILL (Linux).

Started as a file by a bare interpreter (`python -I -S leash.py LAUNCHER_PID COMMAND…`): imports
nothing but the standard library, and becomes the command, so that the process id stays the same.
Elsewhere it only becomes the command: `guard.py` and the next `up` clean up there.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the command."""
    launcher, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != launcher:  # it ended before the line above
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()

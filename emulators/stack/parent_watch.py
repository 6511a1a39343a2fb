"""Run a command that the kernel kills when the launcher's thread ends, even by SIGKILL (Linux).

A bare interpreter starts this file (`python -I -S parent_watch.py LAUNCHER_PID COMMAND…`). It imports only
the standard library, and executes the command in its place, so that the process id stays the same. On
other systems it only executes the command; `guard.py` and the next `up` clean up there.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Request the signal at the parent's end, then execute the command."""
    launcher, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != launcher:  # the parent ended before the line above
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()

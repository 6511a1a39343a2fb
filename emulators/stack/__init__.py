"""The local stack: `async with running_stack(Options()) as stack: …`."""

from emulators.stack.errors import MissingPartError, PartFailedError, StackError
from emulators.stack.layout import Options, Progress, State
from emulators.stack.run import Stack, running_stack

__all__ = [
    "MissingPartError",
    "Options",
    "PartFailedError",
    "Progress",
    "Stack",
    "StackError",
    "State",
    "running_stack",
]

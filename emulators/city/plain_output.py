"""Print the demo as plain lines, for pipes and logs: one per event, without colour."""

from __future__ import annotations

from rich.console import Console

from emulators.city.event_log import LogEntry


class PlainOutput:
    """Prints each entry of the log as it arrives."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, entry: LogEntry) -> None:
        """Print an entry."""
        mark = "ERROR " if entry.is_error else ""
        text = f"{entry.at:6.1f} s  {entry.subject}: {mark}{entry.text}"
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

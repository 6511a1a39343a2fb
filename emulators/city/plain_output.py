"""The demo as plain lines, for pipes and logs: one per notable event, no colour."""

from __future__ import annotations

from rich.console import Console

from emulators.city.chronicle import Notice


class Lines:
    """Prints each notice as it comes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, notice: Notice) -> None:
        """Print a notice."""
        mark = "ERROR " if notice.alarming else ""
        text = f"{notice.at:6.1f} s  {notice.subject}: {mark}{notice.text}"
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

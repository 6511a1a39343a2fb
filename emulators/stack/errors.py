"""Errors of the local stack; each names the part and a remedy."""

from __future__ import annotations


class StackError(Exception):
    """The stack cannot start or continue; the message is for the user at the terminal."""


class MissingPartError(StackError):
    """A program the stack needs is not on this machine."""

    def __init__(self, part: str, remedy: str) -> None:
        super().__init__(f"{part} is missing. {remedy}")


class PartFailedError(StackError):
    """A part ended, or was not ready in time; the message has the tail of its log."""

    def __init__(self, part: str, what: str, log_tail: str, remedy: str) -> None:
        log = log_tail or "(its log is empty)"
        super().__init__(f"{part} {what}.\n{log}\n{remedy}")
        self.part = part

"""Firestore listeners of the Firebase client SDK, for Python programs: there is no client SDK for Python."""

from emulators.listeners.client import Change, Condition, ListenerError, Listeners, Watch

__all__ = ["Change", "Condition", "ListenerError", "Listeners", "Watch"]

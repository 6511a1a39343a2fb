"""Firestore listeners of the Firebase client SDK for Python programs: Python has no client SDK."""

from emulators.listeners.client import Change, Condition, ListenerError, Listeners, Watch

__all__ = ["Change", "Condition", "ListenerError", "Listeners", "Watch"]

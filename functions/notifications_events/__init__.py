"""Notifies users of events of other contexts."""

"""Notifications of users: an inbox entry, and a push to their devices."""

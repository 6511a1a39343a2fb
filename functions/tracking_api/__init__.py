"""Drivers report where they are."""

"""Drivers report their positions."""

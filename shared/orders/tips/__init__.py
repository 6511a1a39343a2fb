"""Tip the driver after delivery."""

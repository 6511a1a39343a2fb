"""Dispatch handles events of orders, offers, reviews and documents."""

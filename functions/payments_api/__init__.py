"""Customers pay for orders."""

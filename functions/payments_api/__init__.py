"""Customers pay for orders and tips."""

"""Refunds after events of orders and payments."""

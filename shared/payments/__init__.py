"""Charges for orders and tips, and their refunds."""

"""Customers quote, place and follow orders; merchants and drivers move them on."""

"""Drivers, offers, and the assignment of an order to a driver."""

"""Dispatch reacts to what happens to orders, offers and drivers."""

"""Merchants: who sells, where, what is on the menu, and whether they are open."""

"""Merchants register and keep their menus; customers find them."""

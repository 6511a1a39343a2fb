"""Merchants are rated as reviews come in."""

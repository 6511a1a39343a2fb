"""The positions of drivers."""

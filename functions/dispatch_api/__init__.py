"""Drivers register, go on and off, and answer offers."""

"""Drivers register, go online and offline, and answer offers."""

"""Emulators of the external providers: they have state, and scripts inject faults."""

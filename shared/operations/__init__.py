"""Background jobs that keep the system consistent."""

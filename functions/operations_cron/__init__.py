"""Jobs that keep the system whole."""

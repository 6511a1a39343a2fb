"""What no webhook told is asked for."""

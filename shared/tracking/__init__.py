"""Where drivers are."""

"""The sweep of verification documents."""

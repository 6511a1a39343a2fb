"""Sessions, the second factor, and what admins do with accounts."""

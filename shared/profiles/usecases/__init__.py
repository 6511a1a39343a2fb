"""What people do with their profiles: one verb, one module."""

"""What people do with their accounts: one verb, one module."""

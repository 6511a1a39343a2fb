"""The use cases of verification: one verb, one module."""

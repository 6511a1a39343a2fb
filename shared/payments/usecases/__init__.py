"""The use cases of payments, one verb per module."""

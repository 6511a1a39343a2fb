"""Use cases of operations, one verb per module."""

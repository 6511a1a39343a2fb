"""The use cases of the catalogue, one per module."""

"""The use cases of reviews: one verb, one module."""

"""What notifications do: one verb, one module."""

"""The whole system in one process: production use cases over ports in memory, under one seeded scheduler."""

"""The safety net of dispatch."""

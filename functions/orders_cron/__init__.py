"""The safety net of orders."""

"""The scheduled jobs of orders."""

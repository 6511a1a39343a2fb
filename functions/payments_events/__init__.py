"""Money goes back when an order does not happen."""

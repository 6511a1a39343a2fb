"""Money for an order: taken once, given back in full when the order does not happen."""

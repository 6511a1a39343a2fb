"""Money for an order or a tip: taken once, given back when the order does not happen."""

"""Replace a line of an order that the shop cannot supply."""

"""Orders: what was ordered, for how much, and where the goods are."""

"""People review one another after a delivery, and block one another."""

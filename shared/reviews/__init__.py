"""Reviews after a delivery, ratings of people, and blocks between people."""

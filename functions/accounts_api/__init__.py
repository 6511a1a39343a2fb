"""People read and edit what is kept about them, and say what they think of one another."""

"""What developers run: the documentation drawn from the code."""

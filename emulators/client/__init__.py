"""The public API as its users call it, for all that act as users: demo, end-to-end tests and simulation."""

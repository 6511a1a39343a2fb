"""What must hold after every commit (`checker` and its parts) and when all has settled (`settled`)."""

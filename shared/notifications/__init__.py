"""What people are told when something happened: on their phones, and in an inbox that keeps it."""

"""The consumer of account events that keeps the sign-in service informed."""

"""What every function does in the same way: requests, identity, errors, idempotency, logs."""

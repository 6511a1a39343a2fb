"""The payment provider tells what became of payments and refunds."""

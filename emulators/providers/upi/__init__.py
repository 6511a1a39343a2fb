"""An emulator of a payment gateway like Razorpay: UPI intents, refunds and signed webhooks."""

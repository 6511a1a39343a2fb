"""A payment gateway of Razorpay's shape: UPI intents, refunds and signed webhooks."""

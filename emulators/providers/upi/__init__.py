"""An emulator of a payment gateway like Razorpay: UPI intents, refunds and signed webhooks."""

from emulators.providers.upi.server import UpiProvider as PaymentProvider

__all__ = ["PaymentProvider"]

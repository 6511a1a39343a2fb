"""Webhooks of the payment provider."""

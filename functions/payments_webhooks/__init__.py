"""Webhooks of the payment gateways."""

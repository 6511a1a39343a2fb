"""Reconciliation of payments and refunds with the payment provider."""

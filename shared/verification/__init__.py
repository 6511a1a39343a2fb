"""Verification: identity and licence documents, from their upload to their last day."""

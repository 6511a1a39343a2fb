"""Eventarc on this machine: carries Pub/Sub messages to functions as CloudEvents."""

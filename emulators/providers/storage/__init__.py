"""An emulator of Google Cloud Storage: signed URLs for clients, the JSON API for functions."""

"""An emulator of the HTTP v1 API of Firebase Cloud Messaging; the messages of a device can be read."""

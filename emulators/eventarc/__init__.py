"""An emulator of Eventarc: it delivers Pub/Sub messages to functions as CloudEvents."""

"""The web client fits the API document and compiles."""

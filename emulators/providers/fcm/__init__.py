"""Firebase Cloud Messaging's HTTP v1 API, with phones whose messages can be read."""

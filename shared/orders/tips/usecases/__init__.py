"""One module per use case of tips."""

"""One module per use case of recurrences."""

"""One module per use case of substitutions."""

"""The operations of the API that people use: each names its path and its body once, by its `operationId`."""

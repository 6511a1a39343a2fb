"""`docs/openapi.json`: the OpenAPI 3.1 documents of all public functions as one, read from the code."""

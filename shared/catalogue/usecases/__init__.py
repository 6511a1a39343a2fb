"""What merchants and admins do in the catalogue: one verb, one module."""

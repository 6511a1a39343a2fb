"""What users do with their profiles: one verb, one module."""

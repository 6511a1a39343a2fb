"""What users and operators do with sign-ins, second factors and accounts: one verb, one module."""

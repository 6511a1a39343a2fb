"""What people and admins do with sign-ins and rights: one verb, one module."""

"""`profiles_api` as the tests of identity run it, beside `identity_api`."""

from tests.unit.identity.conftest import call, clock, database, identities, map_, vault

__all__ = ["call", "clock", "database", "identities", "map_", "vault"]

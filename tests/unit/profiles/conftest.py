"""`profiles_api` as the tests of identity run it, beside `identity_api`."""

from tests.unit.identity.conftest import call, cipher, clock, database, identities, map_, statuses

__all__ = ["call", "cipher", "clock", "database", "identities", "map_", "statuses"]

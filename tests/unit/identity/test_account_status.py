"""The account status as a request reads it: from the documents of this moment, without any cache."""

from __future__ import annotations

import pytest

from shared.adapters.firestore.accounts import FirestoreRoles
from shared.kernel.actor import Role
from tests.fakes.database import MemoryDatabase


@pytest.mark.parametrize(
    ("document", "roles"),
    [
        (None, set()),
        ({}, set()),
        ({"roles": ["admin", "support"]}, {Role.ADMIN, Role.SUPPORT}),
        ({"roles": ["admiral", "admin"]}, {Role.ADMIN}),
        ({"roles": ["system"]}, set()),
        ({"roles": "administrator"}, set()),
        ({"roles": [["admin"], 7, None]}, set()),
    ],
)
async def test_only_known_roles_in_a_list_grant_anything(
    database: MemoryDatabase, document: dict[str, object] | None, roles: set[Role]
) -> None:
    if document is not None:
        database.seed("auth/asha", document)

    assert (await FirestoreRoles(database).account_status("asha")).roles == roles


async def test_a_revoked_role_is_gone_at_once(database: MemoryDatabase) -> None:
    store = FirestoreRoles(database)
    database.seed("auth/asha", {"roles": ["admin"]})
    assert (await store.account_status("asha")).roles == {Role.ADMIN}

    database.seed("auth/asha", {"roles": []})
    assert (await store.account_status("asha")).roles == frozenset()


@pytest.mark.mission("J2")
async def test_closed_accounts_of_operators_hide_no_open_one_from_escalations() -> None:
    database = MemoryDatabase()
    for number in range(60):
        database.seed(f"auth/gone-{number:02}", {"roles": ["support"], "disabled": True})
    database.seed("auth/zoe", {"roles": ["support"]})
    assert await FirestoreRoles(database).operators() == ("zoe",)

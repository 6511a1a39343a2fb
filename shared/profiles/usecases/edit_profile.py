"""A person says how to be called, in which language, what they like, and what may disturb them."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.domain import Account, account_of
from shared.kernel.actor import Principal
from shared.profiles.ports import ProfileStore
from shared.profiles.preferences import ProfileChanges, edited


@dataclass(frozen=True, slots=True)
class EditProfile:
    """Who asks, what the profile shall say, and which of its versions they have seen (None: any)."""

    person: Principal
    changes: ProfileChanges
    versions: frozenset[int] | None = None


async def edit_profile(command: EditProfile, *, accounts: ProfileStore) -> Account:
    """Store the profile, made now if there was none, and return it. Raises `ProfileChanged`."""

    def decide(stored: Account | None) -> Account:
        return edited(account_of(command.person, stored), command.changes, command.versions)

    return await accounts.change(command.person.uid, decide)

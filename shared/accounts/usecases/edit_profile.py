"""A person says how to be called, and in which language."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.domain import Account, Language, Principal, account_of, edited
from shared.accounts.ports import AccountStore


@dataclass(frozen=True, slots=True)
class EditProfile:
    """Who asks, and what the profile shall say."""

    person: Principal
    name: str
    language: Language


async def edit_profile(command: EditProfile, *, accounts: AccountStore) -> Account:
    """Store the profile, made now if there was none, and return it."""

    def decide(stored: Account | None) -> Account:
        return edited(account_of(command.person, stored), command.name, command.language)

    return await accounts.change(command.person.uid, decide)

"""A person ends all of their sessions, this one too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.accounts.domain import Account, account_of
from shared.identity.ports import AccountStore, IdentityProvider
from shared.identity.sessions import signed_out, silenced
from shared.kernel.actor import Principal


@dataclass(frozen=True, slots=True)
class SignOutEverywhere:
    """Who wants to be signed out."""

    person: Principal


async def sign_out_everywhere(
    command: SignOutEverywhere, *, accounts: AccountStore, identities: IdentityProvider, now: datetime
) -> None:
    """Let no sign-in up to now count any more, nor get new tokens, and no device ring.

    Ours comes first, since our routes look there: when the identity provider cannot be told
    (`Unavailable`), the sessions have ended all the same, and asking again tells it.
    """

    def decide(stored: Account | None) -> Account:
        return silenced(signed_out(account_of(command.person, stored), now))

    account = await accounts.change(command.person.uid, decide)
    await identities.sign_out(account.uid, account.tokens_valid_after or now)

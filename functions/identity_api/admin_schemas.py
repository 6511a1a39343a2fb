"""Requests and responses about other people's accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.accounts.domain import Account
from shared.edge.schemas import RequestModel, ResponseModel, ShortText
from shared.kernel.actor import Role, known_roles

Roles = Annotated[list[Annotated[Role, Field(strict=False)]], Field(max_length=len(Role))]


class AccountReasonRequest(RequestModel):
    """Why you do it; it is kept."""

    reason: ShortText


class RolesRequest(AccountReasonRequest):
    """Which roles come and which go; one that does both, comes."""

    grant: Roles = Field(default_factory=list)
    revoke: Roles = Field(default_factory=list)


class UserView(ResponseModel):
    """Somebody's account, as operators see it."""

    uid: str
    name: str
    email: str
    phone: str
    roles: list[Role]
    disabled: bool
    second_factor: bool
    tokens_valid_after: datetime | None

    @classmethod
    def of(cls, account: Account) -> UserView:
        """Return the view of an account."""
        return cls(
            uid=account.uid,
            name=account.name,
            email=account.email,
            phone=account.phone,
            roles=sorted(known_roles(account.roles)),
            disabled=account.disabled,
            second_factor=account.second_factor,
            tokens_valid_after=account.tokens_valid_after,
        )

"""Requests and responses about other users' accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import Reason
from shared.identity.domain import Account, Contact
from shared.kernel.actor import Role, known_roles

Roles = Annotated[list[Annotated[Role, Field(strict=False)]], Field(max_length=len(Role))]


class AccountReasonRequest(RequestModel):
    """The reason for the action; the audit log keeps it."""

    reason: Reason


class RolesRequest(AccountReasonRequest):
    """The roles to grant and to revoke; a role in both is granted."""

    grant: Roles = Field(default_factory=list)
    revoke: Roles = Field(default_factory=list)


class EnrolmentCodeView(ResponseModel):
    """A one-time code with which an operator enrols a second factor; the API returns it once."""

    enrolment_code: str
    expires_at: datetime


class UserView(ResponseModel):
    """A user's account, as operators see it; without a profile, name and addresses are empty."""

    uid: str
    name: str
    email: str
    phone: str
    roles: list[Role]
    disabled: bool
    second_factor: bool
    tokens_valid_after: datetime | None

    @classmethod
    def of(cls, account: Account, contact: Contact) -> UserView:
        """Return the view of an account and its user's contact."""
        return cls(
            uid=account.uid,
            name=contact.name,
            email=contact.email,
            phone=contact.phone,
            roles=sorted(known_roles(account.roles)),
            disabled=account.disabled,
            second_factor=account.second_factor,
            tokens_valid_after=account.tokens_valid_after,
        )

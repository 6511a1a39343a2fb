"""Requests and responses about sessions and the second factor."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import EnrolmentCode, Name, SecondFactorCode
from shared.identity.domain import SecondFactor, Session
from shared.kernel.actor import Principal
from shared.kernel.device import Platform


class SessionRequest(RequestModel):
    """The name and platform of the device of this session."""

    label: Name
    platform: Annotated[Platform, Field(strict=False)]


class SessionView(ResponseModel):
    """One of your sessions; `current` is the session of this request."""

    id: str
    label: str
    platform: Platform | None
    provider: str
    created_at: datetime
    seen_at: datetime
    recent_mfa_until: datetime | None
    current: bool

    @classmethod
    def of(cls, session: Session, person: Principal) -> SessionView:
        """Return the view of a session for its owner."""
        return cls(
            id=session.id,
            label=session.label,
            platform=session.platform,
            provider=session.provider,
            created_at=session.created_at,
            seen_at=session.seen_at,
            recent_mfa_until=session.recent_mfa_until,
            current=session.id == person.session_id,
        )


class SessionList(ResponseModel):
    """Your sessions that have not ended, newest first, at most a hundred."""

    sessions: list[SessionView]


class EnrolmentRequest(RequestModel):
    """What an operator needs to enrol; other users need no body."""

    enrolment_code: EnrolmentCode | None = None


class CodeRequest(RequestModel):
    """A code of your second factor."""

    code: SecondFactorCode


class SecondFactorView(ResponseModel):
    """Your second factor; `pending` while it waits for its first code."""

    enrolled: bool
    pending: bool
    recovery_codes_left: int
    locked_until: datetime | None

    @classmethod
    def of(cls, factor: SecondFactor | None) -> SecondFactorView:
        """Return the view of a factor, or of none."""
        confirmed = bool(factor and factor.confirmed_at)
        return cls(
            enrolled=confirmed,
            pending=bool(factor) and not confirmed,
            recovery_codes_left=len(factor.recovery) if factor else 0,
            locked_until=factor.locked_until if factor else None,
        )


class EnrolmentView(ResponseModel):
    """What your authenticator app needs; the API returns it once."""

    secret: str
    otpauth_uri: str


class RecoveryCodes(ResponseModel):
    """Ten codes for the loss of your phone, each usable once; the API returns them once."""

    recovery_codes: list[str]


class RecentMfaView(ResponseModel):
    """Until when this session counts as recently verified by the second factor."""

    recent_mfa_until: datetime

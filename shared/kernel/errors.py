"""Errors of the domain, by kind. The edge alone knows which HTTP status a kind has.

A subclass stands beside the code that raises it. Its name is its public code:
`OfferExpired` reaches the client as `OFFER_EXPIRED`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class FieldError:
    """One faulty field: a JSON pointer into the request and what is wrong with it."""

    pointer: str
    message: str


class DomainError(Exception):
    """A refusal that the caller can understand; `detail` is shown to people and holds no secrets."""

    def __init__(self, detail: str = "", *, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        self.errors = errors

    @property
    def code(self) -> str:
        """The stable public code: the class name in UPPER_SNAKE."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).upper()


class Malformed(DomainError):
    """The request could not be read."""


class Unauthenticated(DomainError):
    """Nobody is signed in, or the credentials are not valid."""


class Forbidden(DomainError):
    """The signed-in person may not do this."""


class NotFound(DomainError):
    """There is no such thing, or it is not yours."""


class WrongState(DomainError):
    """It is not possible in the present state; it may be later, or may have been before."""


class Invalid(DomainError):
    """The request can never work as it stands."""


class PreconditionFailed(DomainError):
    """The thing has changed since you read it; read it again."""


class TooLarge(DomainError):
    """The request body is larger than allowed."""


class TooEarly(DomainError):
    """A deadline has not come yet; whoever calls tries again later."""


class TooMany(DomainError):
    """This has been asked too often; wait for a while."""

    def __init__(self, detail: str = "", *, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something that this depends on does not answer; nothing was lost, try again."""

    def __init__(self, detail: str = "", *, retry_after: timedelta = timedelta(seconds=2)) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Contended(Unavailable):
    """Too many changes at once to the same thing."""


class AmbiguousOutcome(Unavailable):
    """The change may or may not have been applied; the same request again will tell."""

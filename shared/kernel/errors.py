"""Errors of the domain, by kind. The edge alone knows which HTTP status a kind has.

A subclass is defined beside the code that raises it and writes out its public `code`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One faulty field: a JSON pointer into the request and what is wrong with it."""

    pointer: str
    message: str


class DomainError(Exception):
    """A refusal that the caller can understand.

    `code` is the stable public code, which clients compare. `detail` tells people what to do; it holds
    no secrets. Both are written out on each class, so that neither a rename nor `python -OO` changes
    the API.
    """

    code: ClassVar[str]
    detail: str

    def __init__(self, detail: str = "", *, errors: tuple[FieldError, ...] = ()) -> None:
        if detail:
            self.detail = detail
        super().__init__(self.detail)
        self.errors = errors


class Malformed(DomainError):
    """The request could not be read."""

    code = "MALFORMED"
    detail = "The request could not be read."


class Unauthenticated(DomainError):
    """Nobody is signed in, or the credentials are not valid."""

    code = "UNAUTHENTICATED"
    detail = "Nobody is signed in, or the credentials are not valid."


class Forbidden(DomainError):
    """The signed-in person may not do this."""

    code = "FORBIDDEN"
    detail = "The signed-in person may not do this."


class NotFound(DomainError):
    """There is no such thing, or it is not yours."""

    code = "NOT_FOUND"
    detail = "There is no such thing, or it is not yours."


class WrongState(DomainError):
    """It is not possible in the present state; it may be later, or may have been before."""

    code = "WRONG_STATE"
    detail = "It is not possible in the present state; it may be later, or may have been before."


class Invalid(DomainError):
    """The request can never work as it stands."""

    code = "INVALID"
    detail = "The request can never work as it stands."


class PreconditionFailed(DomainError):
    """The thing has changed since you read it; read it again."""

    code = "PRECONDITION_FAILED"
    detail = "The thing has changed since you read it; read it again."


class TooLarge(DomainError):
    """The request body is larger than allowed."""

    code = "TOO_LARGE"
    detail = "The request body is larger than allowed."


class TooEarly(DomainError):
    """A deadline has not come yet; whoever calls tries again later."""

    code = "TOO_EARLY"
    detail = "A deadline has not come yet; whoever calls tries again later."


class TooMany(DomainError):
    """This has been asked too often; wait for a while."""

    code = "TOO_MANY"
    detail = "This has been asked too often; wait for a while."

    def __init__(self, detail: str = "", *, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something that this depends on does not answer; nothing was lost, try again."""

    code = "UNAVAILABLE"
    detail = "Something that this depends on does not answer; nothing was lost, try again."

    def __init__(self, detail: str = "", *, retry_after: timedelta = timedelta(seconds=2)) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Contended(Unavailable):
    """Too many changes at once to the same thing."""

    code = "CONTENDED"
    detail = "Too many changes at once to the same thing."


class AmbiguousOutcome(Unavailable):
    """The change may or may not have been applied; the same request again will tell."""

    code = "AMBIGUOUS_OUTCOME"
    detail = "The change may or may not have been applied; the same request again will tell."

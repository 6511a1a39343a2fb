"""The kinds of domain errors. Only the edge knows the HTTP status of each kind.

A subclass is defined beside the code that raises it and writes out its public `code` and `detail`.
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
    """An error that the caller can understand and act on.

    `code` is the stable public code that clients compare. `detail` tells the reader what to do and holds
    no secrets. Each class writes out both, so that neither a rename nor `python -OO` changes the API.
    """

    code: ClassVar[str]
    detail: str

    def __init__(self, detail: str = "", *, errors: tuple[FieldError, ...] = ()) -> None:
        if detail:
            self.detail = detail
        super().__init__(self.detail)
        self.errors = errors


class Malformed(DomainError):
    """The request cannot be parsed."""

    code = "MALFORMED"
    detail = "The request cannot be parsed. Correct its format."


class Unauthenticated(DomainError):
    """The credentials are missing or not valid."""

    code = "UNAUTHENTICATED"
    detail = "The credentials are missing or not valid. Sign in."


class Forbidden(DomainError):
    """The signed-in user may not do this."""

    code = "FORBIDDEN"
    detail = "You do not have the right to do this."


class NotFound(DomainError):
    """The resource does not exist, or belongs to another user."""

    code = "NOT_FOUND"
    detail = "The resource does not exist, or you have no access to it."


class WrongState(DomainError):
    """The current state does not allow this."""

    code = "WRONG_STATE"
    detail = "The current state does not allow this. Read the resource and decide again."


class Invalid(DomainError):
    """The request can never succeed without a change."""

    code = "INVALID"
    detail = "The request is not valid. Correct it before you send it again."


class PreconditionFailed(DomainError):
    """The resource changed after the caller read it."""

    code = "PRECONDITION_FAILED"
    detail = "The resource has changed since you read it. Read it again."


class TooLarge(DomainError):
    """The request body is larger than allowed."""

    code = "TOO_LARGE"
    detail = "The request body is larger than allowed."


class TooEarly(DomainError):
    """A deadline is not reached yet; the caller tries again later."""

    code = "TOO_EARLY"
    detail = "It is too early for this. Try again later."


class TooMany(DomainError):
    """The caller sent too many requests."""

    code = "TOO_MANY"
    detail = "You sent too many requests. Wait before you try again."

    def __init__(self, detail: str = "", *, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A dependency does not answer; the caller can try again."""

    code = "UNAVAILABLE"
    detail = "A dependency does not answer. Nothing was lost; try again."

    def __init__(self, detail: str = "", *, retry_after: timedelta = timedelta(seconds=2)) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Contended(Unavailable):
    """Too many concurrent changes of the same resource."""

    code = "CONTENDED"
    detail = "Too many concurrent changes of the same resource. Try again."


class AmbiguousOutcome(Unavailable):
    """The change may or may not have been applied."""

    code = "AMBIGUOUS_OUTCOME"
    detail = "The change may or may not have been applied. Send the same request again to find out."


class DocumentRefused(Invalid):
    """The database rejects the document."""

    code = "DOCUMENT_REFUSED"
    detail = "The data is too large, or cannot be stored. Shorten or correct it."

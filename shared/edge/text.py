"""The types of text in requests. Every string that a request carries has one of these types.

What people type is brought to one form by `shared.kernel.text` before it is measured: lengths are those of
the text that is stored. A test refuses a request field of another type, so that no route has rules of its
own. Text that programs write (ids, times, rules, tokens) is `Written`: it has a pattern or a closed meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from shared.kernel import text


@dataclass(frozen=True, slots=True)
class TextKind:
    """The mark of a text type: `typed` by a person, or `written` by a program."""

    name: str


TYPED = TextKind("typed")
WRITTEN = TextKind("written")


def _normalised(normalise: Callable[[str], str]) -> BeforeValidator:
    """Return the validator that runs before the length is checked; other types are left to pydantic."""

    def normalised(value: Any) -> Any:
        return normalise(value) if isinstance(value, str) else value

    return BeforeValidator(normalised)


def _visible(value: str) -> str:
    if not text.shows_something(value):
        raise ValueError("write something that can be seen")
    return value


def _searched(value: str) -> str:
    words = text.one_line(value)
    if value and not text.shows_something(words):
        raise ValueError("write something to search for")
    return words


def _shaped(pattern: str, message: str) -> AfterValidator:
    """Return the check of a code without its separators; the API document shows no pattern for it."""

    def shaped(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(message)
        return value

    return AfterValidator(shaped)


Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_visible),
    _normalised(text.line),
    TYPED,
]
"""A name or label: 1 to 200 characters on one line, of which one at least can be seen."""

AddressLine = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_visible),
    _normalised(text.one_line),
    TYPED,
]
"""A postal address: as a `Name`, but line breaks of a pasted address become commas."""

Note = Annotated[str, StringConstraints(max_length=2_000), _normalised(text.note), TYPED]
"""Free text of up to 2,000 characters, possibly empty, with line breaks."""

Reason = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_visible),
    _normalised(text.note),
    TYPED,
]
"""Why something is done, in 1 to 200 characters, of which one at least can be seen."""

Line = Annotated[str, StringConstraints(max_length=200), _normalised(text.line), TYPED]
"""Up to 200 characters on one line, possibly none."""

SearchText = Annotated[str, StringConstraints(max_length=100), _normalised(_searched), TYPED]
"""What people search for, in up to 100 characters; empty for no search."""

Phone = Annotated[str, _normalised(text.phone), StringConstraints(max_length=16), TYPED]
"""A phone number, however it is grouped; kept as E.164 has it."""

Reference = Annotated[str, StringConstraints(max_length=500), _normalised(text.line), TYPED]
"""A web address or a path that people paste, in up to 500 characters."""


SecondFactorCode = Annotated[
    str,
    StringConstraints(max_length=64),
    _shaped("[0-9]{6}|[a-z2-7]{16}", "send the six digits of the app, or a recovery code of 16 characters"),
    _normalised(text.code),
    Field(examples=["123 456", "abcd-efgh-ijkl-mnop"]),
    TYPED,
]
"""Six digits of an authenticator app or a recovery code, however they are grouped; without separators."""

EnrolmentCode = Annotated[
    str,
    StringConstraints(max_length=64),
    _shaped("[a-z2-7]{16}", "send the code of 16 characters that an admin gave you"),
    _normalised(text.code),
    Field(examples=["abcd-efgh-ijkl-mnop"]),
    TYPED,
]
"""A one-time code of an admin, however it is grouped; without separators."""

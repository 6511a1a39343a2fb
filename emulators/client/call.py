"""One call of the public API as a value, which each kind of client sends in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """An operation of the API document, by its method and the template of its path below `/api/v1`.

    `ids` fill in the template; the body is what will be sent as JSON.
    """

    method: str
    template: str
    ids: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    if_match: str | None = None
    """The ETag of what is to be replaced; None replaces any."""

    @property
    def path(self) -> str:
        """Return the path below `/api/v1`."""
        return self.template.format(**self.ids)

    def if_unchanged(self, etag: str) -> Call:
        """Return the same call, refused if the document has another ETag by then."""
        return replace(self, if_match=etag)


def get(template: str, query: Mapping[str, Any] | None = None, /, **ids: str) -> Call:
    """Return a call that reads."""
    return Call("GET", template, ids, query=query or {})


def post(template: str, body: Mapping[str, Any] | None = None, /, **ids: str) -> Call:
    """Return a call that creates or acts."""
    return Call("POST", template, ids, body)


def put(template: str, body: Mapping[str, Any] | None = None, /, **ids: str) -> Call:
    """Return a call that replaces."""
    return Call("PUT", template, ids, body)


def delete(template: str, /, **ids: str) -> Call:
    """Return a call that removes."""
    return Call("DELETE", template, ids)

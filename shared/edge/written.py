"""Responses written from domain objects without building their model first.

Building a model looks at every value again, which costs more than writing it. What is written here are the
same attributes under the same names: the dataclass says what the values are, the model which are published.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, cast, get_args, get_origin

from shared.edge.models import ResponseModel
from shared.schema import schema

Included = bool | dict[str, Any]


def written(model: type[ResponseModel], source: object, **computed: object) -> bytes:
    """Return the JSON of a dataclass as `model` publishes it; `computed` fields are dataclasses of their own.

    The values are those that the model would have. The order of the fields is that of the dataclass.
    """
    fields = _included(model, tuple(computed))
    parts = [_json(source, fields)[:-1]]
    parts += [b',"%b":%b' % (name.encode(), _json(value)) for name, value in computed.items()]
    return b"".join([*parts, b"}"])


def _json(value: object, include: dict[str, Included] | None = None) -> bytes:
    adapter = schema(cast(Hashable, type(value)))
    return adapter.serializer.to_json(value, include=include)


@cache
def _included(model: type[ResponseModel], computed: tuple[str, ...] = ()) -> dict[str, Included]:
    """Return which attributes a model publishes, as pydantic names them, without those that are computed."""
    return {name: _of(field.annotation) for name, field in model.model_fields.items() if name not in computed}


def _of(annotation: Any) -> Included:
    """Return what is published of a value of a type; True for all of it."""
    if get_origin(annotation) is list:
        return {"__all__": _of(get_args(annotation)[0])}
    if isinstance(annotation, type) and issubclass(annotation, ResponseModel):
        return _included(annotation)
    return True

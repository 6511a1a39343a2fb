"""Convert dataclasses to documents and messages and back, by one pydantic adapter for each class.

The module is outside the layers, because the edge and the adapters need it and may not import each other.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter


@cache
def schema(cls: Any) -> TypeAdapter[Any]:
    """Return the adapter of a class; it is built once."""
    return TypeAdapter(cls)

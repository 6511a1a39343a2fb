"""How dataclasses become documents and messages, and come back: one pydantic adapter for each class.

It stands beside the layers: the edge and the adapters both need it, and neither may know the other.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter


@cache
def schema(cls: Any) -> TypeAdapter[Any]:
    """Return the adapter of a class, built once."""
    return TypeAdapter(cls)

"""Typed values from environment variables; without pydantic, which takes longer to load than most functions.

A field of a class is the variable of the same name in capitals. Text is taken as it is; numbers, lists and
mappings are written as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

_MISSING = object()


class SettingsInvalid(ValueError):
    """Settings are missing or malformed. The message names the variables, and no value."""


class Secret:
    """A text that no log and no error message shows."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text."""
        return self._value

    def __repr__(self) -> str:
        """Hide the text."""
        return "Secret(…)"


class Environment:
    """The base of classes whose fields are environment variables; values that are given come first.

    Raises `SettingsInvalid` for a variable that is missing or malformed, or that `check` refuses.
    """

    def __init__(self, **given: object) -> None:
        hints, faults = fields_of(type(self)), []
        if unknown := given.keys() - hints.keys():
            raise SettingsInvalid(f"unknown settings: {', '.join(sorted(unknown))}")
        for name, hint in hints.items():
            value = given.get(name, os.environ.get(name.upper(), _MISSING))
            try:
                self.__dict__[name] = self._read(name, hint, value)
            except (TypeError, ValueError) as error:
                faults.append(f"{name.upper()}: {error}")
        if faults:
            raise SettingsInvalid("; ".join(faults))
        self.check()

    def check(self) -> None:
        """Raise `SettingsInvalid` for values that do not go together; subclasses add theirs."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse a change: all of the process relies on the settings that it has read."""
        raise AttributeError(f"{name} is a setting of the process")

    def _read(self, name: str, hint: Any, value: object) -> object:
        if value is _MISSING:
            if not hasattr(type(self), name):
                raise SettingsInvalid("is not set")
            return getattr(type(self), name)
        return read(hint, value)


def fields_of(kind: type[Environment]) -> Mapping[str, Any]:
    """Return the types of a class's fields by name."""
    return {name: hint for name, hint in get_type_hints(kind).items() if get_origin(hint) is not ClassVar}


def read(hint: Any, value: object) -> object:
    """Return a value as its type; text is parsed as JSON where the type is neither text nor a secret.

    Raises `ValueError` without the value in its message.
    """
    if isinstance(value, str) and not _is_text(hint):
        try:
            value = json.loads(value, parse_constant=_refused)
        except ValueError:
            raise SettingsInvalid("is no JSON") from None
    try:
        return _converted(hint, value)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SettingsInvalid("is no value of this setting") from None


def _refused(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(constant)


def _is_text(hint: Any) -> bool:
    return get_origin(hint) is Literal or (
        isinstance(hint, type) and issubclass(hint, str | Secret | StrEnum)
    )


def _converted(hint: Any, value: Any) -> Any:
    """Return a decoded JSON value as a type; raise one of several errors for a value of another type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        [kind] = [one for one in arguments if one is not NoneType]
        return None if value is None else _converted(kind, value)
    if origin is Literal:
        return _one_of(arguments, value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {_converted(arguments[0], k): _converted(arguments[1], v) for k, v in value.items()}
    if origin in (tuple, frozenset):
        return origin(_converted(arguments[0], one) for one in _listed(value))
    return _plain(hint, value)


def _plain(kind: Any, value: Any) -> Any:
    if isinstance(value, bool) and kind is not bool:  # in Python, true is a number
        raise TypeError
    if isinstance(value, kind):
        return value
    if is_dataclass(kind):
        return _built(kind, value)
    if kind is float and type(value) is int:
        return float(value)
    if issubclass(kind, StrEnum | Secret) and isinstance(value, str):
        return kind(value)
    raise TypeError


def _built(kind: Any, value: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind)
    return kind(**{name: _converted(hints[name], one) for name, one in value.items()})


def _one_of(choices: tuple[Any, ...], value: object) -> object:
    if value not in choices:
        raise TypeError
    return value


def _listed(value: object) -> Iterable[object]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError
    return value

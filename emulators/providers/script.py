"""Scripted faults of a provider: which request, which fault, how often."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

NEVER_ANSWERS_SECONDS = 30.0
LONGEST_DELAY_SECONDS = 30 * 24 * 3600.0  # a datetime overflows with an arbitrary delay


class Action(StrEnum):
    """A fault. The provider that applies it documents its effect on each target."""

    DECLINE = "decline"
    FAIL = "fail"
    TIMEOUT = "timeout"
    DROP = "drop"
    DELAY = "delay"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    HOLD = "hold"
    QUOTA = "quota"
    LOSE = "lose"


class ScriptError(ValueError):
    """The requested fault is invalid; the message says what is valid."""


class _Request(BaseModel):
    """The body of POST /_control/script."""

    model_config = ConfigDict(extra="forbid", strict=True)

    target: str
    action: str
    times: int | None = Field(default=1, ge=1)
    delay_seconds: float | None = Field(default=None, ge=0, le=LONGEST_DELAY_SECONDS, allow_inf_nan=False)
    match: dict[str, Any] = Field(default_factory=dict)


@dataclass(slots=True)
class Rule:
    """One scripted fault; `times` is how often it still applies, None for always."""

    target: str
    action: Action
    times: int | None
    delay_seconds: float
    match: dict[str, Any]


class Script:
    """The active faults. Only the oldest rule that matches a request applies to it."""

    def __init__(self, allowed: Mapping[str, frozenset[Action]]) -> None:
        self._allowed = allowed
        self._rules: list[Rule] = []

    def add(self, raw: bytes) -> Rule:
        """Add a fault from its JSON. Raises ScriptError for one that this provider does not support."""
        try:
            request = _Request.model_validate_json(raw)
        except ValidationError as error:
            raise ScriptError(_message(error)) from error
        rule = Rule(request.target, self._action(request), request.times, _delay(request), request.match)
        self._rules.append(rule)
        return rule

    def take(self, targets: tuple[str, ...], facts: Mapping[str, Any]) -> Rule | None:
        """Return the rule that applies to this request, and count it; None for no fault."""
        for rule in self._rules:
            if rule.target in targets and matches(rule.match, facts):
                self._count(rule)
                return rule
        return None

    def reset(self) -> None:
        """Remove every fault."""
        self._rules.clear()

    def view(self) -> list[dict[str, Any]]:
        """Return the active rules, as JSON."""
        return [asdict(rule) for rule in self._rules]

    def _action(self, request: _Request) -> Action:
        allowed = self._allowed.get(request.target)
        if allowed is None:
            raise ScriptError(f"target must be one of {', '.join(sorted(self._allowed))}")
        if request.action not in allowed:
            raise ScriptError(f"action for {request.target} must be one of {', '.join(sorted(allowed))}")
        return Action(request.action)

    def _count(self, rule: Rule) -> None:
        if rule.times is None:
            return
        rule.times -= 1
        if rule.times == 0:
            self._rules.remove(rule)


def matches(expected: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Return whether the facts contain all expected values; nested objects are compared alike."""
    return all(name in facts and _equals(value, facts[name]) for name, value in expected.items())


def _equals(expected: object, found: object) -> bool:
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return matches(expected, found)
    return expected == found


def _delay(request: _Request) -> float:
    if request.delay_seconds is not None:
        return request.delay_seconds
    if request.action == Action.DELAY:
        raise ScriptError("delay needs delay_seconds")
    return NEVER_ANSWERS_SECONDS


def _message(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])

"""The faults a test or the demo asks a provider for: which request, which fault, how often."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

NEVER_ANSWERS_SECONDS = 30.0
LONGEST_DELAY_SECONDS = 30 * 24 * 3600.0  # no calendar holds the moment of an arbitrary delay


class Action(StrEnum):
    """A fault. What each one means for a target is written where the provider applies it."""

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
    """The asked-for fault makes no sense; the message says what would."""


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
    """One scripted fault; `times` is how often it still strikes, None for always."""

    target: str
    action: Action
    times: int | None
    delay_seconds: float
    match: dict[str, Any]


class Script:
    """The faults in force. The oldest rule that fits a request strikes it, and no other."""

    def __init__(self, allowed: Mapping[str, frozenset[Action]]) -> None:
        self._allowed = allowed
        self._rules: list[Rule] = []

    def add(self, raw: bytes) -> Rule:
        """Put one fault in force from its JSON. Raises ScriptError for one this provider has not."""
        try:
            asked = _Request.model_validate_json(raw)
        except ValidationError as error:
            raise ScriptError(_first_complaint(error)) from error
        rule = Rule(asked.target, self._action(asked), asked.times, _delay(asked), asked.match)
        self._rules.append(rule)
        return rule

    def take(self, targets: tuple[str, ...], facts: Mapping[str, Any]) -> Rule | None:
        """The rule that strikes this request, counted off; None when it goes through unharmed."""
        for rule in self._rules:
            if rule.target in targets and matches(rule.match, facts):
                self._count_off(rule)
                return rule
        return None

    def reset(self) -> None:
        """Forget every fault."""
        self._rules.clear()

    def view(self) -> list[dict[str, Any]]:
        """The rules still in force, as JSON."""
        return [asdict(rule) for rule in self._rules]

    def _action(self, asked: _Request) -> Action:
        allowed = self._allowed.get(asked.target)
        if allowed is None:
            raise ScriptError(f"target must be one of {', '.join(sorted(self._allowed))}")
        if asked.action not in allowed:
            raise ScriptError(f"action for {asked.target} must be one of {', '.join(sorted(allowed))}")
        return Action(asked.action)

    def _count_off(self, rule: Rule) -> None:
        if rule.times is None:
            return
        rule.times -= 1
        if rule.times == 0:
            self._rules.remove(rule)


def matches(wanted: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether everything wanted is among the facts; inner objects are compared the same way."""
    return all(name in facts and _fits(value, facts[name]) for name, value in wanted.items())


def _fits(wanted: object, found: object) -> bool:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return matches(wanted, found)
    return wanted == found


def _delay(asked: _Request) -> float:
    if asked.delay_seconds is not None:
        return asked.delay_seconds
    if asked.action == Action.DELAY:
        raise ScriptError("delay needs delay_seconds")
    return NEVER_ANSWERS_SECONDS


def _first_complaint(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])

"""Settings from environment variables: their types, their defaults, and what an error message tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import pytest

from shared.edge.environment import Environment, Secret, SettingsInvalid

pytestmark = pytest.mark.mission("A1")


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Key:
    name: str
    secret: Secret


class Values(Environment):
    """One field of every kind."""

    name: str
    ratio: float = 1
    count: int = 2
    mode: Literal["fast", "safe"] = "safe"
    token: Secret = Secret("")
    urls: Mapping[str, str] | None = None
    colours: Mapping[Colour, frozenset[Colour]] | None = None
    keys: Mapping[str, tuple[Key, ...]] | None = None


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> Any:
    def of(**variables: str) -> Values:
        for name, value in {"NAME": "waybill", **variables}.items():
            monkeypatch.setenv(name, value)
        return Values()

    return of


def test_each_type_is_read_from_its_variable(values: Any) -> None:
    found = values(
        RATIO="0.5",
        COUNT="3",
        MODE="fast",
        TOKEN="1234",
        URLS='{"a": "https://a.example"}',
        COLOURS='{"red": ["red"]}',
        KEYS='{"upi": [{"name": "key", "secret": "s3cret"}]}',
    )
    assert (found.name, found.ratio, found.count, found.mode) == ("waybill", 0.5, 3, "fast")
    assert found.token.reveal() == "1234"
    assert found.urls == {"a": "https://a.example"}
    assert found.colours == {Colour.RED: frozenset({Colour.RED})}
    [key] = found.keys["upi"]
    assert (key.name, key.secret.reveal()) == ("key", "s3cret")


def test_what_is_not_set_has_its_default_and_what_is_given_comes_first(values: Any) -> None:
    found = values()
    assert (found.ratio, found.count, found.mode, found.urls) == (1, 2, "safe", None)
    assert Values(name="given").name == "given"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATIO", "canary"),
        ("RATIO", '"1"'),
        ("COUNT", "1.5"),
        ("COUNT", "false"),
        ("RATIO", "true"),
        ("RATIO", "NaN"),
        ("RATIO", "-Infinity"),
        ("COUNT", ""),
        ("MODE", "canary"),
        ("URLS", "canary"),
        ("URLS", '["canary"]'),
        ("URLS", '{"canary": 1}'),
        ("COLOURS", '{"red": "canary"}'),
        ("COLOURS", '{"canary": []}'),
        ("KEYS", '{"upi": [{"name": "canary"}]}'),
        ("KEYS", '{"upi": ["canary"]}'),
    ],
)
def test_a_malformed_value_is_refused_by_the_name_of_its_variable_alone(
    values: Any, name: str, value: str
) -> None:
    with pytest.raises(SettingsInvalid, match=f"^{name}: ") as refused:
        values(**{name: value})
    assert "canary" not in str(refused.value)


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAME", raising=False)
    monkeypatch.setenv("COUNT", "many")
    with pytest.raises(SettingsInvalid, match=r"^NAME: is not set; COUNT: is no JSON$"):
        Values()


def test_a_setting_that_does_not_exist_cannot_be_given() -> None:
    with pytest.raises(SettingsInvalid, match="nome"):
        Values(name="waybill", nome="waybill")


def test_settings_do_not_change_and_secrets_do_not_show(values: Any) -> None:
    found = values(TOKEN="canary", KEYS='{"upi": [{"name": "key", "secret": "canary"}]}')
    with pytest.raises(AttributeError):
        found.count = 3
    assert "canary" not in f"{found.token} {found.keys}"

"""A check of rights refuses where the document that it rests on does not exist, or says why it need not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.identity.domain import status_of
from shared.kernel.access import AccountStatus
from tests.unit.guards.sources import functions, functions_in, passes_without_a_document

pytestmark = pytest.mark.mission("A1")

REASONS: Mapping[str, str] = {
    "shared/identity/second_factor.py:enrolled": "who has no factor yet is who enrols one",
    "shared/payments/charges.py:start": "an order without a payment is what a first payment is for",
}
"""Checks that pass without a document, and why that is right."""


def test_fault_01_no_check_passes_because_a_document_is_missing() -> None:
    found = {
        place: conditions
        for place, function in functions("shared", "functions")
        if (conditions := passes_without_a_document(function)) and place not in REASONS
    }
    assert found == {}


def test_each_reason_is_about_a_check_that_exists() -> None:
    checks = {place for place, one in functions("shared", "functions") if passes_without_a_document(one)}
    assert set(REASONS) <= checks


def test_fault_01_the_one_document_that_need_not_exist_is_created_by_what_closes_an_account() -> None:
    """A person whom no operator ever acted on has no account document, and is active.

    `tests/unit/identity/test_closing.py` shows that closing creates it, whatever exists.
    """
    assert status_of(None) == AccountStatus()


@pytest.mark.parametrize(
    "source",
    [
        "def demand(profile):\n    if profile and profile.closed:\n        raise Closed",
        "def demand(profile):\n    if profile is not None and not profile.active:\n        raise Closed",
        "def demand(self):\n    if self.profile and self.profile.closed and True:\n        raise Closed",
    ],
)
def test_the_guard_sees_a_check_that_passes_without_a_document(source: str) -> None:
    [function] = functions_in(source)
    assert len(passes_without_a_document(function)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "def demand(profile):\n    if profile is None or profile.closed:\n        raise Closed",
        "def demand(status):\n    if status.disabled:\n        raise Closed",
        "def demand(person, after):\n    if after and person.at <= after:\n        raise Ended",
    ],
)
def test_the_guard_lets_a_check_pass_that_refuses_or_reads_no_field(source: str) -> None:
    [function] = functions_in(source)
    assert passes_without_a_document(function) == []

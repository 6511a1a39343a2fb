"""What the functions answer in a test run is held against the document."""

from __future__ import annotations

import pytest

from tests import observed

PLACE = ("POST", "/api/v1/orders")
READ = ("GET", "/api/v1/orders/{order_id}")


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (PLACE, "QUOTE_USED"),  # its own
        (PLACE, "PHONE_NOT_VERIFIED"),  # common to what verified users alone may do
        (PLACE, "INVALID_REQUEST"),  # of its kind
        (PLACE, "IDEMPOTENCY_KEY_MISSING"),  # common
        (READ, "NOT_FOUND"),
        (READ, "TOKEN_EXPIRED"),
        (READ, "RATE_LIMITED"),
    ],
)
def test_a_code_that_the_operation_lists_or_shares_is_declared(operation: tuple[str, str], code: str) -> None:
    assert observed.undeclared([(*operation, code)]) == []


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (PLACE, "INTERNAL"),
        (PLACE, "NOT_FOUND"),  # it has no id in its path
        (READ, "MALFORMED"),  # it takes no body
        (READ, "IDEMPOTENCY_KEY_MISSING"),
        (("POST", "/api/v1/me/devices"), "PHONE_NOT_VERIFIED"),  # anyone signed in may
        (READ, "QUOTE_USED"),
        (("POST", "/webhooks/upi"), "TOKEN_MISSING"),  # it has no sign-in
    ],
)
def test_any_other_code_is_undeclared(operation: tuple[str, str], code: str) -> None:
    assert observed.undeclared([(*operation, code)]) == [f"{' '.join(operation)}: {code}"]


def test_only_what_an_operation_declares_itself_must_be_produced() -> None:
    missing = observed.unproduced([])

    assert "POST /api/v1/orders: QUOTE_USED" in missing
    assert "POST /api/v1/orders: PHONE_NOT_VERIFIED" not in missing
    assert "POST /api/v1/orders: RATE_LIMITED" not in missing

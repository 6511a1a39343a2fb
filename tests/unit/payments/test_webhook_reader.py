"""The webhook reader accepts what the provider signed and ignores what is not ours."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.gateways.upi_webhooks import SIGNATURE, UpiWebhooks
from shared.kernel.errors import Malformed
from shared.kernel.money import Money
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import (
    BadSignature,
    Charge,
    ChargeState,
    GatewayUnavailable,
    RefundReport,
    RefundState,
)
from shared.payments.ports import ChargeWebhook, RefundWebhook
from tests.unit.payments.webhooks import PREVIOUS, SECRET, charge_body, refund_body, sign

pytestmark = pytest.mark.mission("D4")

PAY, ORD, REF = "pay_" + "1" * 32, "ord_" + "2" * 32, "ref_" + "3" * 32
TIP = "tip_" + "4" * 32
ORDER_REF = SubjectRef(ChargeKind.ORDER, ORD)
READER = UpiWebhooks([SECRET, PREVIOUS])
CAPTURED = charge_body("payment.captured", PAY, ORD)


def read(raw: bytes) -> ChargeWebhook | RefundWebhook | None:
    return READER.read(raw, {SIGNATURE: sign(raw)})


def test_a_signed_capture_is_an_event_about_our_payment() -> None:
    charge = Charge("pay_00000000000001", ChargeState.CAPTURED, Money(45_600), "unknown")
    assert read(CAPTURED) == ChargeWebhook(PAY, ORDER_REF, charge)


def test_a_signed_refund_is_an_event_about_our_refund() -> None:
    raw = refund_body("refund.failed", {"refund_id": REF, "payment_id": PAY, "order_id": ORD})
    report = RefundReport("rfnd_00000000000001", RefundState.FAILED, Money(45_600))
    assert read(raw) == RefundWebhook(REF, PAY, ORDER_REF, report)


def test_every_flipped_byte_of_the_body_is_refused() -> None:
    signature = sign(CAPTURED)
    for place in range(len(CAPTURED)):
        forged = CAPTURED[:place] + bytes([CAPTURED[place] ^ 1]) + CAPTURED[place + 1 :]
        with pytest.raises(BadSignature):
            READER.read(forged, {SIGNATURE: signature})


def test_every_changed_character_of_the_signature_is_refused() -> None:
    signature = sign(CAPTURED)
    for place, char in enumerate(signature):
        forged = signature[:place] + ("0" if char != "0" else "1") + signature[place + 1 :]
        with pytest.raises(BadSignature):
            READER.read(CAPTURED, {SIGNATURE: forged})


@pytest.mark.parametrize(
    "signature", ["", "0", "é" * 64, sign(CAPTURED)[:-1], sign(CAPTURED) + "0", sign(b"")]
)
def test_a_missing_or_foreign_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        READER.read(CAPTURED, {SIGNATURE: signature})


def test_the_previous_secret_is_accepted_during_a_rotation_only() -> None:
    signature = sign(CAPTURED, PREVIOUS)
    assert READER.read(CAPTURED, {SIGNATURE: signature}) is not None
    with pytest.raises(BadSignature):
        UpiWebhooks([SECRET, ""]).read(CAPTURED, {SIGNATURE: signature})


def test_an_empty_secret_signs_nothing() -> None:
    with pytest.raises(BadSignature):
        UpiWebhooks([SECRET, ""]).read(CAPTURED, {SIGNATURE: sign(CAPTURED, "")})
    with pytest.raises(ValueError, match="secret"):
        UpiWebhooks(["", ""])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"event": 1}',
        b'{"event": "payment.captured"}',
        b'{"event": "payment.captured", "payload": {"payment": {"entity": {}}}}',
        b"[" * 10_000,
        charge_body("payment.captured", PAY, ORD, amount="45600"),
        charge_body("payment.captured", PAY, ORD, amount=1.5),
        charge_body("payment.captured", PAY, ORD, amount=True),
        refund_body("refund.processed", {}, status="lost"),
    ],
)
def test_a_signed_body_that_cannot_be_read_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


@given(st.binary(max_size=300))
def test_any_signed_bytes_are_ignored_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert read(raw) is None


@pytest.mark.parametrize("event", ["order.paid", "payment.dispute.created", "refund.created", ""])
def test_an_unknown_event_is_ignored(event: str) -> None:
    assert read(charge_body(event, PAY, ORD)) is None


@pytest.mark.parametrize(
    "notes",
    [
        [],
        {},
        {"payment_id": PAY},
        {"payment_id": "pay_00000000000001", "order_id": ORD},
        {"payment_id": PAY, "order_id": "orders/../x"},
        {"payment_id": 7, "order_id": ORD},
        {"payment_id": PAY.upper(), "order_id": ORD},
        {"shop": "another"},
        {"payment_id": PAY, "order_id": ORD, "tip_id": TIP},
    ],
)
def test_a_payment_that_is_not_ours_is_ignored(notes: Any) -> None:
    assert read(charge_body("payment.captured", PAY, ORD, notes=notes)) is None


@pytest.mark.parametrize(("captured", "state"), [(True, ChargeState.CAPTURED), (False, ChargeState.FAILED)])
def test_a_refunded_charge_was_captured_but_a_reversed_authorisation_was_not(
    captured: bool, state: ChargeState
) -> None:
    event = read(charge_body("payment.captured", PAY, ORD, status="refunded", captured=captured))
    assert isinstance(event, ChargeWebhook)
    assert event.charge.state is state


def test_the_webhook_with_an_unknown_status_must_be_repeated() -> None:
    with pytest.raises(GatewayUnavailable):
        read(charge_body("payment.captured", PAY, ORD, status="on_its_way"))

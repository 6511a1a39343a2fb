"""The contract of `PaymentGateway`: the fake, the simulation, and the adapter with the emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from emulators.providers.upi.server import UpiProvider
from shared.adapters.gateways.upi import UpiGateway, open_client
from shared.adapters.gateways.upi_webhooks import SIGNATURE, UpiWebhooks
from shared.kernel.money import Money
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import (
    BadSignature,
    ChargeState,
    GatewayRefused,
    GatewayUnavailable,
    Method,
    Payment,
    PaymentDeclined,
    RefundState,
    State,
    payment_id,
)
from shared.payments.ports import ChargeWebhook, IntentRequest, RefundWebhook
from tests.contract.upi_banks import (
    KEY,
    SECRET,
    WEBHOOK_SECRET,
    Bank,
    EmulatedBank,
    FakeBank,
    SimulatedBank,
    refund_of,
)

ORDER = SubjectRef(ChargeKind.ORDER, "ord_" + "a" * 32)
PRICE = Money(45_600)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REQUEST = IntentRequest(payment_id(ORDER, 1), ORDER, PRICE, "+919900000001", "asha@example.in")


@pytest.fixture
async def emulated() -> AsyncIterator[EmulatedBank]:
    # The discard port has no listener: the tests read the webhooks from the emulator's records.
    provider = UpiProvider(0, KEY, SECRET, WEBHOOK_SECRET, "http://127.0.0.1:9/webhooks/upi")
    await provider.start()
    try:
        async with open_client(provider.url, KEY, SECRET) as client:
            client.timeout = httpx.Timeout(1.0)
            yield EmulatedBank(client)
    finally:
        await provider.stop()


@pytest.fixture
async def simulated() -> SimulatedBank:
    return SimulatedBank()


@pytest.fixture(params=["fake", "simulated", "emulated"])
def bank(request: pytest.FixtureRequest) -> Bank:
    made: Bank = FakeBank() if request.param == "fake" else request.getfixturevalue(request.param)
    return made


async def _intended(bank: Bank, request: IntentRequest = REQUEST) -> Payment:
    intent = await bank.gateway.create_intent(request)
    return Payment(
        id=request.payment_id,
        subject_ref=request.subject_ref,
        customer_id="asha",
        attempt=1,
        amount=request.amount,
        method=Method.UPI_INTENT,
        state=State.PENDING,
        gateway_order_id=intent.gateway_order_id,
        gateway_payment_id=intent.gateway_payment_id,
        link=intent.link,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )


async def test_a_link_opens_the_customers_app(bank: Bank) -> None:
    payment = await _intended(bank)

    assert payment.link.startswith("upi://pay?")
    charge = await bank.gateway.fetch(payment)
    assert (charge.state, charge.amount) == (ChargeState.CREATED, PRICE)
    assert charge.gateway_payment_id == payment.gateway_payment_id


async def test_the_same_request_gets_the_same_link(bank: Bank) -> None:
    assert await bank.gateway.create_intent(REQUEST) == await bank.gateway.create_intent(REQUEST)
    assert await bank.payments() == 1


async def test_a_request_with_another_phone_number_gets_a_link(bank: Bank) -> None:
    await bank.gateway.create_intent(REQUEST)
    other = await bank.gateway.create_intent(replace(REQUEST, contact="+919900000009"))
    assert other.link.startswith("upi://pay?")


@pytest.mark.parametrize("trouble", ["fail", "lose_answer"])
async def test_an_intent_without_an_answer_is_the_same_when_requested_again(bank: Bank, trouble: str) -> None:
    await getattr(bank, trouble)("create_intent")
    with pytest.raises(GatewayUnavailable):
        await bank.gateway.create_intent(REQUEST)

    await bank.gateway.create_intent(REQUEST)

    assert await bank.payments() == 1


async def test_after_a_declined_request_another_attempt_gets_a_link(bank: Bank) -> None:
    await bank.decline_request()
    with pytest.raises(PaymentDeclined):
        await bank.gateway.create_intent(REQUEST)

    assert (await bank.gateway.create_intent(replace(REQUEST, payment_id=payment_id(ORDER, 2)))).link


async def test_a_capture_is_reported_with_our_ids(bank: Bank) -> None:
    payment = await _intended(bank)
    await bank.pay(payment.link)

    charge = await bank.gateway.fetch(payment)
    events = [event for event in await bank.webhooks() if isinstance(event, ChargeWebhook)]

    assert charge.state is ChargeState.CAPTURED
    assert [event.charge.state for event in events] == [ChargeState.AUTHORISED, ChargeState.CAPTURED]
    assert {(event.payment_id, event.subject_ref) for event in events} == {(payment.id, ORDER)}
    assert {event.charge.amount for event in events} == {PRICE}


async def test_a_failure_is_reported_with_its_reason(bank: Bank) -> None:
    payment = await _intended(bank)
    await bank.decline(payment.link)

    charge = await bank.gateway.fetch(payment)
    [event] = await bank.webhooks()

    assert (charge.state, charge.failure) == (ChargeState.FAILED, "payment_cancelled")
    assert isinstance(event, ChargeWebhook)
    assert event.charge == charge


async def test_a_refund_takes_place_once_however_often_it_is_requested(bank: Bank) -> None:
    payment = await _intended(bank)
    await bank.pay(payment.link)

    first = await bank.gateway.refund(refund_of(payment))
    again = await bank.gateway.refund(refund_of(payment))

    assert (first.state, first.amount) == (RefundState.PROCESSED, PRICE)
    assert again == first
    assert await bank.refunded() == PRICE.amount
    assert (await bank.gateway.fetch(payment)).state is ChargeState.CAPTURED


@pytest.mark.parametrize("trouble", ["fail", "lose_answer"])
async def test_a_refund_without_an_answer_takes_place_once(bank: Bank, trouble: str) -> None:
    payment = await _intended(bank)
    await bank.pay(payment.link)
    await getattr(bank, trouble)("refund")
    with pytest.raises(GatewayUnavailable):
        await bank.gateway.refund(refund_of(payment))

    assert (await bank.gateway.refund(refund_of(payment))).state is RefundState.PROCESSED
    assert await bank.refunded() == PRICE.amount


async def test_more_than_the_captured_amount_is_never_refunded(bank: Bank) -> None:
    payment = await _intended(bank)
    with pytest.raises(GatewayRefused):
        await bank.gateway.refund(refund_of(payment))
    await bank.pay(payment.link)
    await bank.gateway.refund(refund_of(payment))

    with pytest.raises(GatewayRefused):
        await bank.gateway.refund(refund_of(payment, attempt=2))


@pytest.mark.parametrize("end", [RefundState.PROCESSED, RefundState.FAILED])
async def test_a_held_refund_is_pending_until_the_bank_ends_it(bank: Bank, end: RefundState) -> None:
    payment = await _intended(bank)
    await bank.pay(payment.link)
    await bank.hold_refund()
    report = await bank.gateway.refund(refund_of(payment))
    held = replace(refund_of(payment), gateway_refund_id=report.gateway_refund_id)
    assert report.state is (await bank.gateway.fetch_refund(held)).state is RefundState.PENDING

    await bank.finish_refund(report.gateway_refund_id, end)

    ended = await bank.gateway.fetch_refund(held)
    event = (await bank.webhooks())[-1]
    assert ended.state is end
    assert isinstance(event, RefundWebhook)
    assert (event.refund_id, event.payment_id, event.report) == (held.id, payment.id, ended)
    assert await bank.refunded() == (PRICE.amount if end is RefundState.PROCESSED else 0)


async def test_a_request_without_an_answer_can_be_repeated(bank: Bank) -> None:
    payment = await _intended(bank)
    await bank.pay(payment.link)
    report = await bank.gateway.refund(refund_of(payment))
    refund = replace(refund_of(payment), gateway_refund_id=report.gateway_refund_id)

    await bank.fail("fetch")
    with pytest.raises(GatewayUnavailable):
        await bank.gateway.fetch(payment)
    assert (await bank.gateway.fetch(payment)).state is ChargeState.CAPTURED

    await bank.fail("fetch_refund")
    with pytest.raises(GatewayUnavailable):
        await bank.gateway.fetch_refund(refund)
    assert await bank.gateway.fetch_refund(refund) == report


async def test_the_providers_own_webhooks_are_refused_once_a_byte_is_changed(emulated: EmulatedBank) -> None:
    payment = await _intended(emulated)
    await emulated.pay(payment.link)
    reader = UpiWebhooks([WEBHOOK_SECRET])

    for raw, signature in await emulated.raw_webhooks():
        assert reader.read(raw, {SIGNATURE: signature}) is not None
        with pytest.raises(BadSignature):
            reader.read(raw.replace(b"45600", b"45601"), {SIGNATURE: signature})


async def test_a_refund_is_found_when_the_providers_idempotency_key_has_expired(
    emulated: EmulatedBank,
) -> None:
    payment = await _intended(emulated)
    await emulated.pay(payment.link)
    made = await emulated.gateway.refund(refund_of(payment))
    emulated.forget_keys()

    assert await emulated.gateway.refund(refund_of(payment)) == made
    assert await emulated.refunded() == PRICE.amount


async def test_a_gateway_that_drops_or_refuses_the_connection_is_unavailable(emulated: EmulatedBank) -> None:
    await emulated.script("create", "drop")
    with pytest.raises(GatewayUnavailable):
        await emulated.gateway.create_intent(REQUEST)
    async with open_client("http://127.0.0.1:9", KEY, SECRET) as client:
        with pytest.raises(GatewayUnavailable):
            await UpiGateway(client).create_intent(REQUEST)

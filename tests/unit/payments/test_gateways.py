"""Each payment goes to the gateway of its method, and so do its refunds."""

from __future__ import annotations

import pytest

from functions.payments_api import main
from shared.adapters.gateways.by_method import GatewayByMethod
from shared.composition.payment_gateway import GATEWAYS
from shared.composition.payments import READERS
from shared.payments.domain import GATEWAY_OF, GatewayUnavailable, Method, MethodUnavailable
from shared.payments.ports import IntentRequest
from tests.contract.money import payment, refund
from tests.fakes.accounts import Caller
from tests.fakes.payments import FakeGateway
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.payments.world import ORDER, World

pytestmark = pytest.mark.mission("D1")


class Answering(FakeGateway):
    """A gateway that answers when it is asked whether it is there, or does not."""

    def __init__(self, *, there: bool = True) -> None:
        super().__init__()
        self._there = there

    async def ping(self) -> None:
        if not self._there:
            raise GatewayUnavailable


def test_every_method_has_a_gateway_that_can_be_opened_and_whose_webhooks_are_read() -> None:
    assert {*GATEWAY_OF} == {*Method}
    assert {*GATEWAY_OF.values()} == {*GATEWAYS} == {*READERS}


async def test_an_intent_goes_to_the_gateway_of_its_method() -> None:
    upi, other = Answering(), Answering()
    gateway = GatewayByMethod({"upi": upi, "other": other})
    paid = payment()

    await gateway.create_intent(
        IntentRequest(paid.id, paid.subject_ref, paid.amount, "+919900000001", "a@b.in")
    )

    assert (len(upi.bills), len(other.bills)) == (1, 0)


async def test_a_method_without_its_gateway_is_refused_for_all_that_it_is_asked() -> None:
    gateway = GatewayByMethod({"other": Answering()})

    for asked in (gateway.fetch(payment()), gateway.refund(refund()), gateway.fetch_refund(refund())):
        with pytest.raises(MethodUnavailable):
            await asked


async def test_one_gateway_that_does_not_answer_is_reported() -> None:
    await GatewayByMethod({"upi": Answering(), "other": Answering()}).ping()

    with pytest.raises(GatewayUnavailable):
        await GatewayByMethod({"upi": Answering(), "other": Answering(there=False)}).ping()


async def test_a_customer_reads_that_a_method_is_not_offered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = FakeRuntime(externals={"payment gateway": GatewayByMethod({})}, clock=lambda: world.now)
    run_on(main.app, runtime, monkeypatch, store=world.store)

    body = {"order_id": ORDER, "method": "upi_intent"}
    answer = await Caller(main.app, "asha")("POST", "/api/v1/payments", body, key="k1")

    assert (answer.status_code, answer.json()["code"]) == (422, "PAYMENT_METHOD_UNAVAILABLE")

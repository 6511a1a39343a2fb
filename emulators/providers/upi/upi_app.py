"""The customer's UPI app as one route: open a link, then pay or decline."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.providers.script import Action
from emulators.providers.upi.errors import Answer
from emulators.providers.upi.gateway import Gateway
from emulators.providers.upi.records import DECLINED_BY_BANK, DECLINED_BY_CUSTOMER
from emulators.providers.upi.requests import AppPayment, parse


class UpiApp:
    """The route of the app. It has no authentication: anyone with the link may pay, as in UPI itself."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """Return the route."""
        return [Route("/upi/app/pay", self._pay, methods=["POST"])]

    async def _pay(self, request: Request) -> Response:
        body = parse(AppPayment, await request.body())
        gateway = self._gateway
        payment = gateway.records.payment_by_link(body.link)

        def operation(action: Action | None) -> Answer:
            current = gateway.records.payment(payment.id)
            gateway.records.require_payable(current, gateway.now())
            if not body.approve:
                current, events = gateway.records.fail(current, DECLINED_BY_CUSTOMER)
            elif action is Action.DECLINE:
                current, events = gateway.records.fail(current, DECLINED_BY_BANK)
            else:
                current, events = gateway.records.pay(current, gateway.now())
            gateway.announce(events)
            reason = current.failure.reason if current.failure else None
            return Answer(200, {"payment_id": current.id, "status": current.status, "reason": reason})

        return await gateway.perform(request, ("pay",), gateway.facts_of(payment), operation)

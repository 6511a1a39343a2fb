"""The running gateway: state, script, clock and webhooks together."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.background import Background
from emulators.clock import Clock, pause, pause_unless
from emulators.providers.hang_up import hang_up
from emulators.providers.script import Action, Script
from emulators.providers.upi.errors import Answer, GatewayError, unavailable
from emulators.providers.upi.idempotency import AnswerLog
from emulators.providers.upi.models import GatewayEvent, Payment, PaymentStatus
from emulators.providers.upi.records import EXPIRED, GatewayRecords
from emulators.providers.upi.webhook_sender import WebhookSender
from emulators.providers.upi.webhooks import WebhookLog, compose

_NETWORK = {Action.FAIL, Action.TIMEOUT, Action.DROP, Action.DELAY}
_CREATE = frozenset({Action.DECLINE, *_NETWORK})

FAULTS = {
    "create": _CREATE,
    "create_order": _CREATE,
    "create_payment": _CREATE,
    "pay": frozenset({Action.DECLINE, *_NETWORK}),
    "refund": frozenset({Action.DECLINE, Action.HOLD, *_NETWORK}),
    "read": frozenset(_NETWORK),
    "webhook": frozenset({Action.DUPLICATE, Action.REORDER, *_NETWORK}),
}

Operation = Callable[[Action | None], Answer]


class Gateway:
    """The shared parts of all routes. Operations are atomic: they run on one event loop without awaiting."""

    def __init__(self, clock: Clock, webhook_secret: str, webhook_url: str, intent_seconds: float) -> None:
        self.records = GatewayRecords()
        self.script = Script(FAULTS)
        self.webhooks = WebhookLog()
        self.sender = WebhookSender(webhook_url, clock)
        self.intent_seconds = intent_seconds
        self._clock = clock
        self._webhook_secret = webhook_secret
        self._answers = AnswerLog()
        self._timers = Background()
        self._closing = asyncio.Event()

    def now(self) -> float:
        """Unix time in seconds, as in Razorpay's entities."""
        return self._clock.now().timestamp()

    def start(self) -> None:
        """Start to deliver webhooks."""
        self._closing.clear()
        self.sender.start()

    def release(self) -> None:
        """Release every request that a script delays."""
        self._closing.set()

    async def stop(self) -> None:
        """Stop delivering webhooks and expiring intents."""
        self._closing.set()
        await self._timers.stop()
        await self.sender.stop()

    async def perform(
        self, request: Request, targets: tuple[str, ...], facts: Mapping[str, Any], operation: Operation
    ) -> Response:
        """Run one operation with the scripted fault of the first rule that matches, if any.

        fail: 503, not applied. drop: the connection is cut, not applied. delay: applied after a pause.
        timeout: applied at once, answered too late. The operation itself handles other faults.
        """
        rule = self.script.take(targets, facts)
        action = rule.action if rule else None
        if action is Action.DROP:
            return await hang_up(request)
        if rule is not None and action is Action.DELAY:
            await self._pause(rule.delay_seconds)
        answer = await self._answer(request, operation, action)
        if rule is not None and action is Action.TIMEOUT:
            await self._pause(rule.delay_seconds)
        return JSONResponse(
            answer.body, answer.status, {"Retry-After": "1"} if answer.status == 503 else None
        )

    def announce(self, events: list[GatewayEvent]) -> None:
        """Start to deliver the webhook of each event."""
        for event in events:
            webhook = compose(event, self._webhook_secret, self.now())
            self.webhooks.add(webhook)
            facts = {"event": event.name, **self.facts_of(event.payment)}
            self.sender.send(webhook, self.script.take(("webhook",), facts))

    def facts_of(self, payment: Payment) -> dict[str, Any]:
        """Return the fields by which a script can match a payment."""
        order = self.records.order(payment.order_id)
        return {"receipt": order.receipt, "notes": {**order.notes, **payment.notes}}

    def start_timer(self, payment: Payment) -> None:
        """Start the timer that expires the intent."""
        self._timers.spawn(self._expire_later(payment), f"expiry of {payment.id}")

    def expire(self, payment_id: str) -> Payment:
        """Expire an unanswered intent; an answered one does not change."""
        payment = self.records.payment(payment_id)
        if payment.status is PaymentStatus.CREATED:
            payment, events = self.records.fail(payment, EXPIRED)
            self.announce(events)
        return payment

    async def _answer(self, request: Request, operation: Operation, action: Action | None) -> Answer:
        raw = await request.body()
        key = request.headers.get("X-Refund-Idempotency") or request.headers.get("Idempotency-Key")
        try:
            if action is Action.FAIL:
                raise unavailable()
            if key is None or request.method != "POST":
                return operation(action)
            now = self.now()
            return self._answers.once(key, request.url.path, raw, now, lambda: operation(action))
        except GatewayError as error:
            return error.answer()

    async def _pause(self, seconds: float) -> None:
        await pause_unless(self._clock, seconds, self._closing)

    async def _expire_later(self, payment: Payment) -> None:
        await pause(self._clock, payment.expires_at - self.now())
        self.expire(payment.id)

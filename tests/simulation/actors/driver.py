"""A driver: reports positions, answers offers or not, delivers, and loses the network now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from functions.dispatch_api.admin_schemas import RejectionReason
from functions.dispatch_api.schemas import DriverRequest, HandBackRequest
from functions.orders_api.schemas import CancelRequest, FailureRequest
from functions.tracking_api.routes import record
from functions.tracking_api.schemas import RecordedView
from shared.composition.tracking import TrackingPorts
from shared.dispatch.drivers import Vehicle
from shared.dispatch.handover import HandBackReason
from shared.edge.errors import RequestInvalid
from shared.edge.reported import Coordinates
from shared.kernel.access import demand_session
from shared.kernel.geo import Point
from shared.orders.domain import FailureReason
from tests.simulation.actors.city import ADMIN, City, near
from tests.simulation.actors.phone import Batch, Phone
from tests.simulation.clients import Client, Outcome
from tests.simulation.process import local_time, true_time
from tests.simulation.runtime import ports_of
from tests.simulation.served import served

dispatch = served("dispatch_api.routes")
reviews = served("dispatch_api.admin_routes")
orders = served("orders_api.routes")
steps = served("orders_api.step_routes")

STEPS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "ready": ("picks up", steps.pick_up),
    "picked_up": ("departs with", steps.depart),
    "in_transit": ("arrives with", steps.arrive),
    "arrived": ("delivers", steps.deliver),
    "failed": ("goes once more with", steps.redeliver),
}
PINGS_EVERY_S, LOOKS_EVERY_S = 18.0, 4.0


async def _fail(body: FailureRequest, order_id: str, *rest: Any) -> Any:
    return await steps.fail(order_id, body, *rest)


class Driver:
    """One driver with one device, and perhaps an old one that sends requests too."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(uid)
        self._place: Point = near(self._chance, 2_500)
        self._city.places[uid] = self._place
        self._phone = Phone(uid, city)
        self._dark_until = 0.0
        self._off = False
        self._lazy = city.scenario.acts("lazy drivers", uid, 0.25)
        self._answered: set[str] = set()

    async def live(self) -> None:
        """Work until the run ends."""
        user = self._client.user
        body = DriverRequest(name=self._uid, vehicle=Vehicle.SCOOTER)
        key = self._client.key("/drivers", "register")
        await self._client.insist("registers", lambda: dispatch.register(body, user, key), key)
        operator = self._city.client("operator")
        if self._city.scenario.acts("applying again", self._uid, 0.2):
            await self._apply_again(operator, body)
        await operator.insist(f"approves {self._uid}", lambda: reviews.approve(self._uid, ADMIN, body=None))
        if self._chance.random() < 0.4:
            self._city.store.amend(f"drivers/{self._uid}", load_cap=1)
        await self._send()
        await self._go_online()
        await asyncio.gather(
            self._report(),
            self._carry(),
            self._wander(),
            self._answer(),
            self._return(),
            self._fall_silent(),
        )

    async def _apply_again(self, operator: Client, body: DriverRequest) -> None:
        """Be rejected, read why, and apply once more."""
        reason = RejectionReason(reason="no licence")
        await operator.insist(f"rejects {self._uid}", lambda: reviews.reject(self._uid, reason, ADMIN))
        read = await self._client.insist("reads", lambda: dispatch.read_self(self._client.user))
        if told := read.answer:
            refused = told["review"] in ("rejected", "suspended")
            self._city.watch.check(refused == bool(told["review_reason"]), "12", f"{self._uid} reads {told}")
        key = self._client.key("/drivers", "again")
        await self._client.insist(
            "applies again", lambda: dispatch.register(body, self._client.user, key), key
        )

    async def _go_online(self) -> None:
        at = Coordinates(lat=self._place.lat, lng=self._place.lng)
        outcome = Outcome()
        while outcome.answer is None and outcome.refusal is None:
            outcome = await self._client.insist("goes online", lambda: dispatch.start(at, self._client.user))

    async def _report(self) -> None:
        while True:
            if not self._dark:
                await self._send()
            await asyncio.sleep(PINGS_EVERY_S)

    async def _send(self) -> None:
        """Send a batch as the phone makes it, through the route's own reading of it."""
        batch = self._phone.batch(self._place, true_time())
        if batch.good is not None:
            self._city.pings[self._uid] = self._city.now()
        answered = await self._client.call("reports", lambda: self._record(batch))
        if answered.answer:
            self._phone.check(batch, RecordedView.model_validate(answered.answer))

    async def _record(self, batch: Batch) -> RecordedView | None:
        ports: TrackingPorts = ports_of("tracking_api")
        user = self._client.user
        demand_session(await ports.roles.account_status(user.uid, user.session_id), user)
        try:
            return await record(batch.content, self._uid, ports, local_time())
        except RequestInvalid as error:
            self._city.watch.check(batch.good is None, "batch", f"a batch was refused: {error.faults}")
            return None

    async def _wander(self) -> None:
        """Go offline and online, or lose the network, while faults may happen."""
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(40, 200))
            if self._city.calm:
                return
            if self._chance.random() < 0.35:
                await self._lower_load_cap()
            if self._chance.random() < 0.5:
                self._dark_until = self._city.now() + self._chance.uniform(20, 100)
                self._city.watch.tell(self._uid, "goes dark")
            else:
                self._off = True
                await self._client.insist("goes offline", lambda: dispatch.stop(self._client.user))
                await asyncio.sleep(self._chance.uniform(5, 60))
                await self._go_online()
                self._off = False

    async def _fall_silent(self) -> None:
        """Lose the phone with an order in hand: no report, no step, until an operator has seen it."""
        if not self._city.scenario.acts("silent drivers", self._uid, 0.2):
            return
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(20, 60))
            if self._city.orders_of("driver", self._uid):
                self._dark_until = self._city.now() + self._chance.uniform(100, 300)
                self._city.watch.tell(self._uid, "falls silent")
                return

    async def _hand_back(self, order_id: str) -> None:
        body = HandBackRequest(reason=self._chance.choice(list(HandBackReason)))
        key = self._client.key(f"/assignments/{order_id}", "back") if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.3)
        await click(
            f"hands back {order_id[-6:]}",
            lambda: dispatch.hand_back(order_id, body, self._client.user, key),
            key,
        )

    async def _return(self) -> None:
        """Go online again when the app shows that too many offers timed out."""
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * 4 * LOOKS_EVERY_S)
            shown = self._city.store.of("drivers")[self._uid]["status"]
            if shown == "offline" and not (self._off or self._dark):
                await self._go_online()

    async def _lower_load_cap(self) -> None:
        """Lower the load cap to one order as an operator, while another offer is open."""
        for _ in range(60):
            offers = self._city.store.of("offers").values()
            asked = any(offer["driver_id"] == self._uid and offer["state"] == "open" for offer in offers)
            if asked and self._city.store.of("drivers")[self._uid]["active_orders"]:
                self._city.store.amend(f"drivers/{self._uid}", load_cap=1)
                return
            await asyncio.sleep(1)

    async def _answer(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            for offer in sorted(self._city.store.of("offers").values(), key=lambda offer: str(offer["id"])):
                mine = offer["driver_id"] == self._uid and offer["state"] == "open"
                if mine and not self._dark and offer["id"] not in self._answered:
                    self._answered.add(str(offer["id"]))
                    await self._decide(str(offer["id"]))

    async def _decide(self, offer_id: str) -> None:
        whim = 0.0 if self._city.calm else self._chance.random()
        if whim > (0.2 if self._lazy else 0.85):
            return
        if whim > 0.65:
            await self._client.insist(
                f"declines {offer_id[-6:]}", lambda: dispatch.decline(offer_id, self._client.user)
            )
            return
        key = self._client.key(f"/offers/{offer_id}/accept", "yes") if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.3)
        taken = await click(
            f"accepts {offer_id[-6:]}", lambda: dispatch.accept(offer_id, self._client.user, key), key
        )
        if taken.answer is not None:
            state = self._city.store.of("offers")[offer_id]["state"]
            self._city.watch.check(state == "accepted", "10", f"{offer_id[-8:]} was taken and is {state}")

    async def _carry(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * 2 * LOOKS_EVERY_S)
            await self._slip()
            for order in self._city.orders_of("driver", self._uid):
                if order["fulfilment"] == "ready" and not self._dark and self._hands_back():
                    await self._hand_back(str(order["id"]))
                elif order["fulfilment"] in STEPS and not self._dark:
                    await self._move(str(order["id"]), str(order["fulfilment"]))

    def _hands_back(self) -> bool:
        """Return whether to hand an order back instead of fetching it."""
        hands_back = self._city.scenario.acts("handing back", self._uid, 0.3)
        return hands_back and not self._city.calm and self._chance.random() < 0.3

    async def _slip(self) -> None:
        """Send a wrong step for an order, or try to cancel an order too late."""
        own = self._city.orders_of("driver", self._uid)
        if not own or self._city.calm or self._chance.random() > 0.15:
            return
        order = self._chance.choice(own)
        order_id, user = str(order["id"]), self._client.user
        label, step = self._chance.choice(list(STEPS.values()))
        await self._client.call(f"slips: {label} {order_id[-6:]}", lambda: step(order_id, user, None))
        customer = self._city.client(str(order["customer_id"]))
        body = CancelRequest(reason="where is it?")
        if self._chance.random() < 0.3:
            await customer.call(
                f"cancels late {order_id[-6:]}", lambda: orders.cancel(order_id, body, customer.user, None)
            )

    async def _move(self, order_id: str, state: str) -> None:
        label, step = STEPS[state]
        if state == "arrived" and not self._city.calm and self._chance.random() < 0.1:
            body = FailureRequest(reason=self._chance.choice(list(FailureReason)))
            label, step = "cannot hand over", partial(_fail, body)
        elif state == "failed" and self._chance.random() < 0.6:
            label, step = "brings back", steps.bring_back
        key = (
            self._client.key(f"/driver/orders/{order_id}/{label}", label)
            if self._chance.random() < 0.5
            else None
        )
        click = self._client.draw_click(self._chance, twice=0.15)
        await click(f"{label} {order_id[-6:]}", lambda: step(order_id, self._client.user, key), key)

    @property
    def _dark(self) -> bool:
        return self._city.now() < self._dark_until and not self._city.calm

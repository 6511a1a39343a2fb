"""A driver: reports positions, answers offers or not, delivers, and loses the network now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from emulators.client.call import Call
from emulators.client.operations import admin, drivers, orders
from functions.tracking_api.routes import record
from functions.tracking_api.schemas import RecordedView
from shared.composition.tracking import TrackingPorts
from shared.dispatch.handover import HandBackReason
from shared.edge.errors import RequestInvalid
from shared.kernel.access import demand_session
from shared.kernel.geo import Point
from shared.kernel.vehicle import Vehicle
from shared.orders.domain import FailureReason
from tests.simulation.actors.city import City, near
from tests.simulation.actors.phone import Batch, Phone
from tests.simulation.clients import Client, Outcome
from tests.simulation.in_process import SCRIPTED
from tests.simulation.process import local_time, true_time
from tests.simulation.runtime import ports_of

STEPS: Mapping[str, orders.Step] = {**drivers.DELIVERY, "failed": drivers.retry_delivery}
PINGS_EVERY_S, LOOKS_EVERY_S = 18.0, 4.0


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
        self._lazy = city.scenario.acts("lazy drivers", uid, 0.35)
        self._answered: set[str] = set()

    async def live(self) -> None:
        """Work until the run ends."""
        call, operator = (
            drivers.register_driver(self._uid, Vehicle.SCOOTER.value),
            self._city.client(SCRIPTED),
        )
        await self._client.insist("registers", call, "register")
        if self._city.scenario.acts("applying again", self._uid, 0.2):
            await self._apply_again(operator, call)
        await operator.insist(f"approves {self._uid}", admin.approve_driver(self._uid))
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

    async def _apply_again(self, operator: Client, application: Call) -> None:
        """Be rejected, read why, and apply once more."""
        await operator.insist(f"rejects {self._uid}", admin.reject_driver(self._uid, "no licence"))
        read = await self._client.insist("reads", drivers.get_driver())
        if told := read.answer:
            refused = told["review"] in ("rejected", "suspended")
            self._city.watch.check(refused == bool(told["review_reason"]), "12", f"{self._uid} reads {told}")
        await self._client.insist("applies again", application, "again")

    async def _go_online(self) -> None:
        call, outcome = drivers.go_online(self._place.lat, self._place.lng), Outcome()
        while outcome.answer is None and outcome.refusal is None:
            outcome = await self._client.insist("goes online", call)

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
                if self._chance.random() < 0.6:
                    await self._until_asked()
                await self._client.insist("goes offline", drivers.go_offline())
                await asyncio.sleep(self._chance.uniform(5, 60))
                await self._go_online()
                self._off = False

    async def _until_asked(self) -> None:
        """Wait for the worst moment to leave: an offer is open."""
        for _ in range(40):
            offers = self._city.store.of("offers").values()
            if any(offer["driver_id"] == self._uid and offer["state"] == "open" for offer in offers):
                return
            await asyncio.sleep(1)

    async def _fall_silent(self) -> None:
        """Lose the phone with an order in hand: no report, no step, until an operator has seen it."""
        if not self._city.scenario.acts("silent drivers", self._uid, 0.35):
            return
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(20, 60))
            if self._city.orders_of("driver", self._uid):
                self._dark_until = self._city.now() + self._chance.uniform(100, 300)
                self._city.watch.tell(self._uid, "falls silent")
                return

    async def _hand_back(self, order_id: str) -> None:
        call = drivers.hand_back_order(order_id, self._chance.choice(list(HandBackReason)).value)
        key = "back" if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.3)
        await click(f"hands back {order_id[-6:]}", call, key)

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
            await self._client.insist(f"declines {offer_id[-6:]}", drivers.decline_offer(offer_id))
            return
        call = drivers.accept_offer(offer_id)
        key = "yes" if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.3)
        taken = await click(f"accepts {offer_id[-6:]}", call, key)
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
        hands_back = self._city.scenario.acts("handing back", self._uid, 0.5)
        return hands_back and not self._city.calm and self._chance.random() < 0.5

    async def _slip(self) -> None:
        """Send a wrong step for an order, or try to cancel an order too late."""
        own = self._city.orders_of("driver", self._uid)
        if not own or self._city.calm or self._chance.random() > 0.15:
            return
        order = self._chance.choice(own)
        order_id, step = str(order["id"]), self._chance.choice(list(STEPS.values()))
        await self._client.call(f"slips: {step.__name__} {order_id[-6:]}", step(order_id))
        customer = self._city.client(str(order["customer_id"]))
        if self._chance.random() < 0.3:
            call = orders.cancel_order(order_id, "where is it?")
            await customer.call(f"cancels late {order_id[-6:]}", call)

    async def _move(self, order_id: str, state: str) -> None:
        call = STEPS[state](order_id)
        if state == "arrived" and not self._city.calm and self._chance.random() < 0.1:
            call = drivers.fail_delivery(order_id, self._chance.choice(list(FailureReason)).value)
        elif state == "failed" and self._chance.random() < 0.6:
            call = drivers.return_order(order_id)
        key = "step" if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.15)
        await click(f"{call.path.rpartition('/')[2]} {order_id[-6:]}", call, key)

    @property
    def _dark(self) -> bool:
        return self._city.now() < self._dark_until and not self._city.calm

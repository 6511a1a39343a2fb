"""One demo from the first sign-up to the last delivery."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from emulators.city import plan, watchdog
from emulators.city.api import Refused, Unanswered, open_client
from emulators.city.chronicle import Chronicle
from emulators.city.customer import Customer
from emulators.city.options import Options
from emulators.city.pace import Pace
from emulators.city.people import Registry
from emulators.city.report import Report
from emulators.city.timeline import Order
from emulators.city.town import Town
from emulators.city.whims import Whims
from emulators.city.world import World
from emulators.listeners import Listeners

LISTENERS_NEED = ("GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST")
BETWEEN_ORDERS_SECONDS, AT_LEAST_SECONDS = 75, 0.25  # of life; real


async def run_demo(env: Mapping[str, str], options: Options, chronicle: Chronicle) -> Report:
    """Live through a demo on the stack that `env` describes, and return what came of it.

    Whatever goes wrong is in the report; only a cancellation leaves this otherwise.
    """
    orders: dict[str, Order] = {}
    try:
        async with _world(env, options, chronicle) as (world, registry):
            customers = await _order_everything(world, registry)
            orders = await _ask_for_orders(chronicle, customers)
    except* Exception as problems:  # the demo's border: told, counted, and reported
        for problem in _leaves(problems):
            chronicle.error("demo", problem)
    sheets = chronicle.sheets.values()
    shown = {sheet.id: sheet.order for sheet in sheets if sheet.order is not None}
    notified_at = {sheet.id: sheet.notified_at for sheet in sheets if sheet.notified_at is not None}
    return Report(options, list((shown | orders).values()), notified_at, len(chronicle.errors))


@contextlib.asynccontextmanager
async def _world(
    env: Mapping[str, str], options: Options, chronicle: Chronicle
) -> AsyncIterator[tuple[World, Registry]]:
    listeners_env = {name: env[name] for name in LISTENERS_NEED}
    async with open_client() as client, Listeners(listeners_env) as listeners, asyncio.TaskGroup() as tasks:
        pace, whims = Pace(options.speed), Whims(plan.pairs(options))
        world = World(options, env, client, chronicle, pace, whims, tasks)
        world.follow(watchdog.watch(chronicle, watchdog.patience(options.offer_seconds)))
        try:
            yield world, Registry(env, client, listeners)
        finally:
            world.rest()


async def _order_everything(world: World, registry: Registry) -> Sequence[Customer]:
    options, chronicle = world.options, world.chronicle
    chronicle.enter("kitchens open, drivers and customers sign up")
    customers = await Town(world, registry).wake(customers=min(options.orders, 5 + options.orders // 2))
    chronicle.enter("orders come in")
    cancellations, orders = plan.cancellations(options), []
    for number in range(1, options.orders + 1):
        customer = customers[number % len(customers)]
        doing = customer.order(number, cancellations.get(number))
        orders.append(world.spawn(f"#{number:02d} {customer.person.name}", doing))
        await world.pace.live(BETWEEN_ORDERS_SECONDS, at_least=AT_LEAST_SECONDS)
    chronicle.enter("all orders are placed")
    await asyncio.gather(*orders)
    chronicle.enter("all orders have come to their end")
    return customers


async def _ask_for_orders(chronicle: Chronicle, customers: Sequence[Customer]) -> dict[str, Order]:
    """Return every order as the API shows it; what a listener showed otherwise is an error."""
    found: dict[str, Order] = {}
    for customer in customers:
        for order_id in customer.placed:
            try:
                found[order_id] = order = await customer.look_up(order_id)
            except (Refused, Unanswered) as problem:
                chronicle.error(customer.person.name, problem)
                continue
            shown = chronicle.sheets[order_id].order
            if shown is None or (shown.fulfilment, shown.payment) != (order.fulfilment, order.payment):
                chronicle.error(
                    order_id, f"the API says {order.states}, the listener {shown and shown.states}"
                )
    return found


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for problem in group.exceptions:
        if isinstance(problem, BaseExceptionGroup):
            yield from _leaves(problem)
        else:
            yield problem

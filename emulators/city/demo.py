"""Run one demo, from the first sign-up to the last delivery."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from emulators.city import plan, watchdog
from emulators.city.customer import Customer
from emulators.city.event_log import EventLog
from emulators.city.options import Options
from emulators.city.people import Registry
from emulators.city.population import Population
from emulators.city.report import Report
from emulators.city.scenario_script import ScenarioScript
from emulators.city.time_scale import TimeScale
from emulators.city.timeline import Order
from emulators.city.world import World
from emulators.client.api import Refused, open_http
from emulators.client.retries import Unanswered
from emulators.listeners import Listeners

LISTENERS_NEED = ("GOOGLE_CLOUD_PROJECT", "FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST")
BETWEEN_ORDERS_SECONDS, AT_LEAST_SECONDS = 75, 0.25  # simulated; real


async def run_demo(env: Mapping[str, str], options: Options, log: EventLog) -> Report:
    """Run a demo on the stack that `env` describes, and return its report.

    Errors are in the report; only a cancellation is raised.
    """
    orders: dict[str, Order] = {}
    try:
        async with _world(env, options, log) as (world, registry):
            customers = await _order_everything(world, registry)
            orders = await _read_orders(log, customers)
    except* Exception as problems:  # top level of the demo: every error is counted and reported
        for problem in _leaves(problems):
            log.error("demo", problem)
    records = log.records.values()
    listed = {record.id: record.order for record in records if record.order is not None}
    notified_at = {record.id: record.notified_at for record in records if record.notified_at is not None}
    return Report(options, list((listed | orders).values()), notified_at, len(log.errors))


@contextlib.asynccontextmanager
async def _world(
    env: Mapping[str, str], options: Options, log: EventLog
) -> AsyncIterator[tuple[World, Registry]]:
    listeners_env = {name: env[name] for name in LISTENERS_NEED}
    async with open_http() as http, Listeners(listeners_env) as listeners, asyncio.TaskGroup() as tasks:
        time_scale, script = TimeScale(options.speed), ScenarioScript(plan.pairs(options))
        world = World(options, env, http, log, time_scale, script, tasks)
        world.follow(watchdog.watch(log, watchdog.stall_timeout(options.offer_seconds)))
        try:
            yield world, Registry(env, http, listeners)
        finally:
            world.stop()


async def _order_everything(world: World, registry: Registry) -> Sequence[Customer]:
    options, log = world.options, world.log
    log.enter_phase("kitchens open, drivers and customers sign up")
    customers = await Population(world, registry).create(
        customers=min(options.orders, 5 + options.orders // 2)
    )
    log.enter_phase("orders come in")
    cancellations, orders = plan.cancellations(options), []
    for number in range(1, options.orders + 1):
        customer = customers[number % len(customers)]
        activity = customer.order(number, cancellations.get(number))
        orders.append(world.spawn(f"#{number:02d} {customer.person.name}", activity))
        await world.time_scale.sleep(BETWEEN_ORDERS_SECONDS, at_least=AT_LEAST_SECONDS)
    log.enter_phase("all orders are placed")
    await asyncio.gather(*orders)
    log.enter_phase("all orders are finished")
    return customers


async def _read_orders(log: EventLog, customers: Sequence[Customer]) -> dict[str, Order]:
    """Return every order as the API returns it; a listener that shows another state is an error."""
    found: dict[str, Order] = {}
    for customer in customers:
        for order_id in customer.placed:
            try:
                found[order_id] = order = await customer.read_order(order_id)
            except (Refused, Unanswered) as problem:
                log.error(customer.person.name, problem)
                continue
            listed = log.records[order_id].order
            if listed is None or (listed.fulfilment, listed.payment) != (order.fulfilment, order.payment):
                log.error(order_id, f"the API says {order.states}, the listener {listed and listed.states}")
    return found


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for problem in group.exceptions:
        if isinstance(problem, BaseExceptionGroup):
            yield from _leaves(problem)
        else:
            yield problem

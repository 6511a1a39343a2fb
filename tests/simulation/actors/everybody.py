"""Everybody who takes part in a run."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from tests.simulation.actors.city import City
from tests.simulation.actors.cooks import COOKS, Cook
from tests.simulation.actors.customer import Customer
from tests.simulation.actors.driver import Driver
from tests.simulation.actors.hoarder import UID as HOARDER
from tests.simulation.actors.hoarder import Hoarder
from tests.simulation.actors.latecomer import UIDS as LATECOMERS
from tests.simulation.actors.latecomer import Latecomer
from tests.simulation.actors.merchant import Merchant
from tests.simulation.actors.operators import NEWCOMER, Operators
from tests.simulation.actors.person import Person
from tests.simulation.actors.pharmacy import Pharmacy
from tests.simulation.actors.rescue import Rescue
from tests.simulation.actors.subscriber import Subscriber
from tests.simulation.actors.thieves import LateOperator, Thief
from tests.simulation.actors.trainees import TRAINEE, Trainees
from tests.simulation.actors.zones import ZoneAdmin
from tests.simulation.invariants.access import Memberships
from tests.simulation.scenario import Scenario


def signed_up(scenario: Scenario) -> tuple[str, ...]:
    """Return everybody whom the sign-in service knows."""
    return (*scenario.people, *COOKS, NEWCOMER, HOARDER, TRAINEE)


def everybody(city: City, memberships: Memberships) -> list[Coroutine[Any, Any, None]]:
    """Return what each person of a run does, from the first click to the last."""
    scenario = city.scenario
    series = {uid for uid in scenario.customers if scenario.acts("series", uid, 0.2)}
    lives = [Customer(uid, city).live() for uid in scenario.customers if uid not in series]
    lives += [Subscriber(uid, city).live() for uid in sorted(series)]
    lives += [Driver(uid, city).live() for uid in scenario.drivers]
    lives += [Merchant(uid, city).live() for uid in scenario.merchants]
    lives += [Person(uid, city).live() for uid in scenario.people]
    lives += [Operators(city).live(), ZoneAdmin(city).live(), Rescue(city).live()]
    lives += [Cook(uid, city, memberships).live() for uid in COOKS]
    lives += [Thief(city).live(), LateOperator(city).live(), Hoarder(city).live()]
    lives += [Pharmacy(city).live(), Trainees(city).live()]
    lives += [Latecomer(uid, city).live() for uid in LATECOMERS]
    return lives

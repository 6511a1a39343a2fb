"""http: the authenticated read of one order, behind it a store that needs no time, and a real Redis for the
rate limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle

from tests.bench.load import request
from tests.bench.loaded import Contender, cpu_us, in_turn_under_load, per_cpu_second
from tests.bench.parties import PEOPLE, order_of, uid_of
from tests.bench.report import Figure, Goal, Report, compared
from tests.bench.run import Run
from tests.bench.server import own_redis, serving
from tests.bench.signer import Signer, key_service

NAME = "http"
GOAL = Goal(0.8, at_least=True)


def measure(run: Run) -> Report:
    """Compare it with a bare FastAPI route and with the plainest function."""
    signer = Signer()
    with ExitStack() as stack:
        environment = {
            "JWKS_URL": stack.enter_context(key_service(signer)),
            "REDIS_URL": stack.enter_context(own_redis(run.scratch)),
        }
        servers = {
            name: stack.enter_context(serving(name, run.scratch / f"{name}.log", environment))
            for name in ("orders", "bare", "bare_body", "ok")
        }
        contenders = {name: Contender(server, _reads(signer)) for name, server in servers.items()}
        rates = in_turn_under_load(run, NAME, contenders)
    return Report(NAME, _figures(rates, contenders), {"cpu_us_per_request": cpu_us(contenders)})


def _figures(rates: dict[str, list[float]], contenders: dict[str, Contender]) -> Sequence[Figure]:
    measured, bare = rates["orders"], ("bare", rates["bare"])
    of_cpu = {name: per_cpu_second(contender) for name, contender in contenders.items()}
    return (
        compared("one order, against a bare route", "req/s", measured, bare, GOAL),
        compared("the same, by processor time", "req/s", of_cpu["orders"], ("bare", of_cpu["bare"]), GOAL),
        compared("one order, against the same body", "req/s", measured, ("body", rates["bare_body"]), None),
        compared('one order, against "ok"', "req/s", measured, ("ok", rates["ok"]), None),
    )


def _reads(signer: Signer) -> Iterator[bytes]:
    return cycle(
        [
            request("GET", f"/api/v1/orders/{order_of(number)}", signer.token(uid_of(number)))
            for number in range(PEOPLE)
        ]
    )

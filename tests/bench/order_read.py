"""http: the authenticated read of one order, with nothing behind it but a store that needs no time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle

from tests.bench.load import request
from tests.bench.loaded import Contender, cpu_us, in_turn_under_load
from tests.bench.report import Goal, Report, compared
from tests.bench.run import Run
from tests.bench.server import serving
from tests.bench.signer import Signer, key_service
from tests.builders import CUSTOMER, ORDER_ID

NAME = "http"
TOKENS = 200
"""Different tokens in turn: as many people at once as an instance may have before it."""

PATH = f"/api/v1/orders/{ORDER_ID}"
GOAL = Goal(0.8, at_least=True)


def measure(run: Run) -> Report:
    """Compare it with a bare FastAPI route and with the plainest function."""
    signer = Signer()
    with ExitStack() as stack:
        keys = {"JWKS_URL": stack.enter_context(key_service(signer))}
        servers = {
            name: stack.enter_context(serving(name, run.scratch / f"{name}.log", keys))
            for name in ("orders", "bare", "bare_body", "ok")
        }
        contenders = {name: Contender(server, _reads(signer)) for name, server in servers.items()}
        rates = in_turn_under_load(run, NAME, contenders)
    measured = rates.pop("orders")
    figures = [
        compared("one order, against a bare route", "req/s", measured, ("bare", rates["bare"]), GOAL),
        compared("one order, against the same body", "req/s", measured, ("body", rates["bare_body"]), None),
        compared('one order, against "ok"', "req/s", measured, ("ok", rates["ok"]), None),
    ]
    return Report(NAME, figures, {"cpu_us_per_request": cpu_us(contenders)})


def _reads(signer: Signer) -> Iterator[bytes]:
    return cycle([request("GET", PATH, signer.token(CUSTOMER, number)) for number in range(TOKENS)])

"""The options of the demo: from the command line, or from the variables that `make demo` passes."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a demo. `speed` applies to cooking and driving only; Waybill's timeouts keep their time.

    `name` is the name of the stack: demos of different names run concurrently.
    """

    orders: int = 20
    drivers: int = 12
    cancel: int = 0
    speed: float = 60.0
    offer_seconds: int = 30
    headless: bool = False
    keep: bool = False
    name: str = "demo"


def parse(argv: Sequence[str], env: Mapping[str, str] = os.environ) -> Options:
    """Read the options; the environment gives the defaults. Exits the program on invalid values."""
    parser = _parser(env)
    parsed = parser.parse_args(argv)
    if parsed.orders < 1 or parsed.drivers < 1 or parsed.speed <= 0 or parsed.offer_seconds < 1:
        parser.error("orders, drivers, speed and offer seconds must be positive")
    if not 0 <= parsed.cancel <= parsed.orders:
        parser.error("at most all orders can be cancelled")
    return Options(**vars(parsed))


def _parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    defaults = Options()
    parser = argparse.ArgumentParser(prog="python -m emulators.city", description=__doc__)

    def number(name: str, kind: type[int] | type[float], default: float, text: str) -> None:
        given = env.get(name) or str(default)  # argparse converts a text default, and reports a bad one
        parser.add_argument(f"--{name.lower().replace('_', '-')}", type=kind, default=given, help=text)

    def flag(name: str, text: str) -> None:
        given = env.get(name, "").lower() not in ("", "0", "no", "false")
        parser.add_argument(f"--{name.lower()}", action="store_true", default=given, help=text)

    number("ORDERS", int, defaults.orders, "how many orders are placed")
    number("DRIVERS", int, defaults.drivers, "how many drivers are on the road")
    number("CANCEL", int, defaults.cancel, "how many of the orders are cancelled after payment")
    number("SPEED", float, defaults.speed, "how much faster than real time kitchens cook and drivers drive")
    number("OFFER_SECONDS", int, defaults.offer_seconds, "how long an offer is open, in real seconds")
    flag("HEADLESS", "plain lines instead of the live view")
    flag("KEEP", "leave the stack running afterwards, until Ctrl-C")
    parser.add_argument(
        "--name",
        default=defaults.name,
        help="the name of the stack; others can run beside it",
    )
    return parser

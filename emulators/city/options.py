"""What the demo is asked for: command line options, or the variables that `make demo` passes on."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """A demo. `speed` hurries cooking and driving only; the system's own deadlines keep their time.

    `name` is the stack's: demos of different names run side by side.
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
    """Read the options; the environment gives the defaults. Ends the program on nonsense."""
    parser = _parser(env)
    asked = parser.parse_args(argv)
    if asked.orders < 1 or asked.drivers < 1 or asked.speed <= 0 or asked.offer_seconds < 1:
        parser.error("orders, drivers, speed and offer seconds must be positive")
    if not 0 <= asked.cancel <= asked.orders:
        parser.error("at most all orders can be cancelled")
    return Options(**vars(asked))


def _parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m emulators.city", description=__doc__)

    def number(name: str, kind: type[int] | type[float], default: float, text: str) -> None:
        given = env.get(name) or str(default)  # argparse converts a text default, and reports a bad one
        parser.add_argument(f"--{name.lower().replace('_', '-')}", type=kind, default=given, help=text)

    def flag(name: str, text: str) -> None:
        given = env.get(name, "").lower() not in ("", "0", "no", "false")
        parser.add_argument(f"--{name.lower()}", action="store_true", default=given, help=text)

    number("ORDERS", int, usual.orders, "how many orders are placed")
    number("DRIVERS", int, usual.drivers, "how many drivers are on the road")
    number("CANCEL", int, usual.cancel, "how many of the orders are cancelled after payment")
    number("SPEED", float, usual.speed, "how much faster than in life people cook and drive")
    number("OFFER_SECONDS", int, usual.offer_seconds, "how long an offer stands, in real seconds")
    flag("HEADLESS", "plain lines instead of the live view")
    flag("KEEP", "leave the stack running afterwards, until Ctrl-C")
    parser.add_argument("--name", default=usual.name, help="the stack's name; another one runs beside it")
    return parser

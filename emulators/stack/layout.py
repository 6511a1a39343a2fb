"""The layout of one stack: its options, folder, ports and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from emulators.stack.ports import HOST
from shared.manifest import Manifest
from shared.payments.domain import GATEWAY_OF

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = "demo-waybill"
LOCATION = "asia-south1"

GOOGLE_PARTS = ("firestore", "pubsub", "auth", "auth_hub", "auth_logging")
GATEWAYS = tuple(sorted({*GATEWAY_OF.values()}))
"""The payment gateways; `emulators.providers.<name>` has the `PaymentProvider` that plays each."""

SINGLE_PARTS = ("gateway", "hosting", "callables", "cloud_tasks", "oidc", "fcm", "maps", "storage")
OUR_PARTS = (*SINGLE_PARTS, *GATEWAYS)
SLOW_FIRESTORE = "slow_firestore"
"""The proxy of a stack with this option."""

PARTS = (*GOOGLE_PARTS, "redis", *OUR_PARTS)


class State(StrEnum):
    """The state of a part, as the progress callback reports it."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Progress:
    """A part changed its state, `seconds` after the stack began to start."""

    part: str
    state: State
    seconds: float


def _ignore(progress: Progress) -> None:
    """Ignore a change: the default callback."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a stack.

    `root` holds `functions/`; `name` is the folder `.waybill/<name>`, in which one stack runs at a time.
    `isolated` runs one process per function as production does, else all functions share one except those
    in `alone`; `environment` overrides variables of the functions, so that a test can insert a proxy.
    `slow_firestore` puts a proxy between the functions and Firestore, whose commits the admin port can delay.
    With `standard_ports` the parts listen where Firebase documents it, those whose port is taken elsewhere.
    """

    name: str = "default"
    isolated: bool = True
    standard_ports: bool = False
    alone: frozenset[str] = frozenset()
    offer_seconds: float = 30
    root: Path = REPOSITORY
    environment: Mapping[str, str] = field(default_factory=dict)
    slow_firestore: bool = False
    on_progress: Callable[[Progress], None] = _ignore

    @property
    def folder(self) -> Path:
        """The folder of the state file and the logs."""
        return REPOSITORY / ".waybill" / self.name


@dataclass(frozen=True, slots=True)
class Layout:
    """The facts of a stack that are fixed before it starts."""

    options: Options
    manifests: Mapping[str, Manifest]
    ports: Mapping[str, int]
    secrets: Mapping[str, str]
    wanted_ports: Mapping[str, int] = field(default_factory=dict)

    def address(self, part: str) -> str:
        """`host:port` of a part or a function."""
        return f"{HOST}:{self.ports[part]}"

    @property
    def displaced(self) -> dict[str, int]:
        """Return the documented port of each part that should be there and is not."""
        return {part: port for part, port in self.wanted_ports.items() if self.ports[part] != port}

    def url(self, part: str) -> str:
        """Return the base URL of a part or a function, without a slash at the end."""
        return f"http://{self.address(part)}"

    @property
    def alone(self) -> frozenset[str]:
        """Names of the functions that have a process of their own."""
        return frozenset(self.manifests) if self.options.isolated else self.options.alone

    @property
    def function_urls(self) -> dict[str, str]:
        """Base URL of every function by name."""
        return {name: self.url(name) for name in self.manifests}

    def log(self, part: str) -> Path:
        """Return the part's log file."""
        return self.options.folder / "logs" / f"{part}.log"

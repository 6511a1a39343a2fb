"""Reads `functions/<name>/function.toml`: the one description of a deployable.

The local gateway, the event bridge, the task queues, the scheduler, the packager and the
Terraform all read it, so that what runs on a laptop is routed as in production.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_FILTER = 256
"""The most characters of a subscription's filter."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpTrigger(_Strict):
    """Public path prefixes, on segment borders; the longest match wins across functions."""

    paths: tuple[str, ...] = Field(min_length=1)


class EventTrigger(_Strict):
    """One push subscription: messages of a Pub/Sub topic, posted as CloudEvents (ADR 0026).

    `events` are the short names of the events that the function handles; without any it gets all.
    """

    topic: str
    events: tuple[str, ...] = ()

    @property
    def filter(self) -> str:
        """The filter of the subscription, by the attribute `event`; empty without events.

        A message of an earlier version has no such attribute and passes.
        """
        return _filter(self._prefixes) if self.events else ""

    def passes(self, attributes: Mapping[str, str]) -> bool:
        """Say whether the filter lets a message with these attributes pass."""
        name = attributes.get("event")
        return not self.events or name is None or name.startswith(self._prefixes)

    @property
    def _prefixes(self) -> tuple[str, ...]:
        """The names, or where the filter would be too long their beginnings: a few others pass then too."""
        longest = max(map(len, self.events))
        cuts = (sorted({name[:size] for name in self.events}) for size in range(longest, 0, -1))
        return next(tuple(cut) for cut in cuts if len(_filter(cut)) <= MAX_FILTER)


def _filter(prefixes: Iterable[str]) -> str:
    wanted = (f'hasPrefix(attributes.event, "{prefix}")' for prefix in prefixes)
    return " OR ".join(["NOT attributes:event", *wanted])


class TaskTrigger(_Strict):
    """The Cloud Tasks queue that feeds the function, with the limits the queue is created with."""

    queue: str
    max_dispatches_per_second: float = 500
    max_attempts: int = 20
    min_backoff_seconds: float = 1
    max_backoff_seconds: float = 30


class ScheduleTrigger(_Strict):
    """One Cloud Scheduler job: a POST to `path` at every match of the five-field `cron` (UTC)."""

    path: str
    cron: str


class Ingress(StrEnum):
    """From where requests reach a function; the values of Cloud Run."""

    ALL = "all"
    INTERNAL = "internal"
    LOAD_BALANCER = "internal-and-cloud-load-balancing"


class Invoker(StrEnum):
    """Who checks the caller before a route does (ADR 0018)."""

    PUBLIC = "public"
    """Nobody: the routes ask for a user's token, a key or a signature."""

    FUNCTION = "function"
    """The function: it verifies the whole identity token. IAM does not check the caller."""

    IAM = "iam"
    """The platform: IAM admits the invoker account alone; the function checks the claims."""


class Deploy(_Strict):
    """What the platform gives an instance of the function.

    Without `ingress` and `invoker`, a function with paths is public behind the load balancer; any other is
    internal and checks its caller's token.
    """

    memory: str = "512Mi"
    cpu: int = 1
    concurrency: int = 80
    timeout_seconds: int = 30
    min_instances: int = 0
    max_instances: int = 100
    service_account: str
    secrets: tuple[str, ...] = ()
    ingress: Ingress | None = None
    invoker: Invoker | None = None


class Manifest(_Strict):
    """One deployable function, as its folder describes it."""

    name: str
    summary: str
    http: HttpTrigger | None = None
    events: tuple[EventTrigger, ...] = ()
    tasks: TaskTrigger | None = None
    schedule: tuple[ScheduleTrigger, ...] = ()
    deploy: Deploy

    @model_validator(mode="after")
    def _reachable_by_its_callers_alone(self) -> Manifest:
        if self.http is None and (self.ingress is not Ingress.INTERNAL or self.invoker is Invoker.PUBLIC):
            raise ValueError("a function that the platform alone calls is internal and checks its invoker")
        if self.http and (self.ingress is Ingress.INTERNAL or self.invoker is not Invoker.PUBLIC):
            raise ValueError("a function with paths is public, and reachable from outside")
        return self

    @property
    def ingress(self) -> Ingress:
        """From where requests reach the function."""
        return self.deploy.ingress or (Ingress.LOAD_BALANCER if self.http else Ingress.INTERNAL)

    @property
    def invoker(self) -> Invoker:
        """Who checks the caller."""
        return self.deploy.invoker or (Invoker.PUBLIC if self.http else Invoker.FUNCTION)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that follow from the manifest."""
        return {} if self.invoker is Invoker.PUBLIC else {"INVOKER_CHECK": self.invoker.value}

    @property
    def invoker_email(self) -> str:
        """Local part of the service account that may call the function's private routes."""
        return f"invoke-{self.name.replace('_', '-')}"


def load(folder: Path) -> Manifest:
    """Return the manifest of one function folder.

    Raises `FileNotFoundError` or `pydantic.ValidationError`, which names the faulty key.
    """
    with (folder / "function.toml").open("rb") as file:
        return Manifest(name=folder.name, **tomllib.load(file))


def load_all(root: Path) -> dict[str, Manifest]:
    """Return every function's manifest by name, in name order; `root` is the repository or a copy."""
    folders = sorted(path.parent for path in (root / "functions").glob("*/function.toml"))
    return {folder.name: load(folder) for folder in folders}

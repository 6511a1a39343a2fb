"""Reads `functions/<name>/function.toml`: the one description of a deployable.

The local gateway, the event bridge, the task queues, the scheduler, the packager and the
Terraform all read it, so that what runs on a laptop is routed as in production.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpTrigger(_Strict):
    """Public path prefixes, on segment borders; the longest match wins across functions."""

    paths: tuple[str, ...] = Field(min_length=1)


class EventTrigger(_Strict):
    """One Eventarc trigger: messages of a Pub/Sub topic, posted as CloudEvents."""

    topic: str


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


class Deploy(_Strict):
    """What the platform gives an instance of the function."""

    memory: str = "512Mi"
    cpu: int = 1
    concurrency: int = 80
    timeout_seconds: int = 30
    min_instances: int = 0
    max_instances: int = 100
    service_account: str
    secrets: tuple[str, ...] = ()


class Manifest(_Strict):
    """One deployable function, as its folder describes it."""

    name: str
    summary: str
    http: HttpTrigger | None = None
    events: tuple[EventTrigger, ...] = ()
    tasks: TaskTrigger | None = None
    schedule: tuple[ScheduleTrigger, ...] = ()
    deploy: Deploy

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

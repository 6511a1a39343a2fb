"""The queues of the stack, and the defaults of a queue definition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from google.cloud.tasks_v2 import Queue, RateLimits, RetryConfig

from emulators.cloud_tasks import names
from emulators.cloud_tasks.errors import invalid
from emulators.cloud_tasks.limits import RetryPolicy, burst_size
from shared.manifest import Manifest, TaskTrigger

MAX_RATE = 500
MAX_CONCURRENT = 5000
DEFAULT_CONCURRENT = 1000


def queues_of(manifests: Iterable[Manifest], project: str, location: str) -> list[Queue]:
    """Return the queues of all functions; raises `ValueError` when two define the same queue differently."""
    triggers: dict[str, TaskTrigger] = {}
    for manifest in manifests:
        if (trigger := manifest.tasks) and triggers.setdefault(trigger.queue, trigger) != trigger:
            raise ValueError(f"functions/{manifest.name} defines queue {trigger.queue} with other limits")
    parent = f"projects/{project}/locations/{location}/queues"
    return [_definition(f"{parent}/{name}", trigger) for name, trigger in sorted(triggers.items())]


def completed(definition: Queue) -> Queue:
    """Return a running queue of this definition with the defaults filled in, or raise `RejectedError`."""
    names.queue(definition.name)
    rate = definition.rate_limits.max_dispatches_per_second or MAX_RATE
    concurrent = definition.rate_limits.max_concurrent_dispatches or DEFAULT_CONCURRENT
    if not 0 < rate <= MAX_RATE:
        raise invalid(f"Queue.rate_limits.max_dispatches_per_second must be in (0, {MAX_RATE}].")
    if not 0 < concurrent <= MAX_CONCURRENT:
        raise invalid(f"Queue.rate_limits.max_concurrent_dispatches must be in [1, {MAX_CONCURRENT}].")
    policy = RetryPolicy.of(definition.retry_config)
    if policy.max_attempts < -1 or policy.min_backoff > policy.max_backoff:
        raise invalid("Queue.retry_config needs max_attempts >= -1 and min_backoff <= max_backoff.")
    limits = RateLimits(
        max_dispatches_per_second=rate,
        max_burst_size=burst_size(rate),
        max_concurrent_dispatches=concurrent,
    )
    return Queue(
        name=definition.name,
        rate_limits=limits,
        retry_config=_config(policy),
        state=Queue.State.RUNNING,
    )


def _definition(name: str, trigger: TaskTrigger) -> Queue:
    return Queue(
        name=name,
        rate_limits=RateLimits(max_dispatches_per_second=trigger.max_dispatches_per_second),
        retry_config=RetryConfig(
            max_attempts=trigger.max_attempts,
            min_backoff=timedelta(seconds=trigger.min_backoff_seconds),
            max_backoff=timedelta(seconds=trigger.max_backoff_seconds),
        ),
    )


def _config(policy: RetryPolicy) -> RetryConfig:
    return RetryConfig(
        max_attempts=policy.max_attempts,
        max_retry_duration=policy.max_retry_duration,
        min_backoff=policy.min_backoff,
        max_backoff=policy.max_backoff,
        max_doublings=policy.max_doublings,
    )

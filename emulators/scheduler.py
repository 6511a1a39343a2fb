"""An emulator of Cloud Scheduler: it calls the jobs of the functions at their times, in UTC."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from emulators.background import Background
from emulators.clock import Clock, SystemClock, within
from emulators.cron import Cron
from emulators.oidc import Signer, service_account
from emulators.serving import open_client
from shared.manifest import Manifest

# Cloud Scheduler's default deadline of an attempt.
DEADLINE_SECONDS = 180.0
COUNTERS = ("runs", "failed", "skipped")
MINUTE = timedelta(minutes=1)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A path of a function that is called on a schedule."""

    function: str
    path: str
    cron: Cron
    url: str
    email: str

    @property
    def key(self) -> str:
        """Function and path: the name of the job at the admin port and in the counters."""
        return f"{self.function}{self.path}"

    @property
    def name(self) -> str:
        """The job's name in Cloud Scheduler."""
        return f"{self.function}{self.path}".replace("/", "-").replace("_", "-")


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a run: the function's status, or None and the error."""

    status: int | None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Only 2xx counts."""
        return self.status is not None and 200 <= self.status < 300


def jobs_of(manifests: Mapping[str, Manifest], urls: Mapping[str, str], project: str) -> list[Job]:
    """Return the jobs of all functions; raises `ValueError` for a faulty cron expression."""
    return [
        Job(
            function=name,
            path=trigger.path,
            cron=Cron.parse(trigger.cron),
            url=urls[name],
            email=service_account(manifest.invoker_email, project),
        )
        for name, manifest in manifests.items()
        for trigger in manifest.schedule
    ]


class Scheduler:
    """Runs each job at its times, unless it is running then; a failed run is not retried."""

    def __init__(self, jobs: Sequence[Job], signer: Signer, clock: Clock | None = None) -> None:
        self._jobs = {job.key: job for job in jobs}
        self._signer = signer
        self._clock = clock or SystemClock()
        self._counters = {key: Counter(dict.fromkeys(COUNTERS, 0)) for key in self._jobs}
        self._running: Counter[str] = Counter()
        self._background = Background()
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """Start to run jobs in the background."""
        if self._client is None:
            self._client = open_client(DEADLINE_SECONDS * 2)
            self._background.spawn(self._tick(), name="scheduler")

    async def stop(self) -> None:
        """Stop calling; running calls are cancelled."""
        await self._background.stop()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def run(self, key: str) -> Run:
        """Run a job now, as `gcloud scheduler jobs run` does, even while it is running.

        Meanwhile its own times are skipped. Raises `KeyError` for an unknown job.
        """
        return await self._call(self._jobs[key], self._clock.now())

    def counters(self) -> dict[str, dict[str, int]]:
        """Return per job the number of runs, failed runs, and runs skipped because one was still running."""
        return {key: dict(counts) for key, counts in self._counters.items()}

    async def _tick(self) -> None:
        minute = self._clock.now()
        while True:
            # From the current time, not from the last minute: after a suspend it does not catch up.
            minute = max(minute, self._clock.now()).replace(second=0, microsecond=0) + MINUTE
            await self._clock.sleep_until(minute)
            for job in self._jobs.values():
                if job.cron.matches(minute.astimezone(UTC)):
                    self._background.spawn(self._run_on_time(job, minute), name=f"job {job.key}")

    async def _run_on_time(self, job: Job, minute: datetime) -> None:
        if self._running[job.key]:
            self._counters[job.key]["skipped"] += 1
            return
        run = await self._call(job, minute)
        if not run.succeeded:
            logger.warning("job %s failed: %s", job.key, run.error or run.status)

    async def _call(self, job: Job, due: datetime) -> Run:
        self._running[job.key] += 1
        try:
            return await self._post(job, due)
        finally:
            self._running[job.key] -= 1

    async def _post(self, job: Job, due: datetime) -> Run:
        if self._client is None:
            raise RuntimeError("the scheduler is not running")
        headers = {
            "User-Agent": "Google-Cloud-Scheduler",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": job.name,
            "X-CloudScheduler-ScheduleTime": due.isoformat(timespec="seconds"),
            "Authorization": self._signer.bearer(job.url, job.email),
        }
        request = self._client.post(f"{job.url}{job.path}", headers=headers)
        try:
            response = await within(self._clock, DEADLINE_SECONDS, request)
            run = Run(response.status_code)
        except (TimeoutError, httpx.HTTPError) as error:
            run = Run(None, f"{type(error).__name__}: {error}")
        self._counters[job.key]["runs"] += 1
        self._counters[job.key]["failed"] += not run.succeeded
        return run

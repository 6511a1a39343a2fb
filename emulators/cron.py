"""Cron expressions of five fields, as Cloud Scheduler accepts them, in UTC; `cronsim` evaluates them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cronsim import CronSim, CronSimError

FIELDS = 5
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cron:
    """A valid expression."""

    expression: str

    @classmethod
    def parse(cls, expression: str) -> Cron:
        """Return the expression; raises `ValueError` that names the faulty field."""
        if len(expression.split()) != FIELDS:  # the library also has expressions with seconds
            raise ValueError(f"cron expression {expression!r} must have five fields")
        try:
            CronSim(expression, datetime(2000, 1, 1))  # noqa: DTZ001 - any start will do
        except CronSimError as error:
            raise ValueError(f"cron expression {expression!r} is invalid: {error}") from error
        return cls(expression)

    def matches(self, moment: datetime) -> bool:
        """Return whether the job runs in the minute of `moment`, which is in UTC."""
        minute = moment.replace(second=0, microsecond=0)
        return next(CronSim(self.expression, minute - MINUTE)) == minute

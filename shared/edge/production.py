"""What a process that looks like production refuses to start with: settings for a laptop alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from shared.edge.cors import parsed_origins

MAX_RATE_LIMIT_SCALE = 10.0
"""Beyond it the rate limits protect nothing."""

DEMO_PROJECT = "demo-"
"""How the ids of projects begin that only emulators have."""


def in_production() -> bool:
    """Say whether this process looks like production."""
    return bool(os.environ.get("K_SERVICE"))


def refuse_unsafe_environment(settings: Mapping[str, object]) -> None:
    """Raise `ValueError` in a process that looks like production and is configured for a laptop.

    `settings` are the names that are read from the environment. All faults are named, no value is.
    """
    given = {name: os.environ[name.upper()] for name in settings if name.upper() in os.environ}
    refuse_unsafe(given)


def refuse_unsafe(values: Mapping[str, str]) -> None:
    """Raise `ValueError` for values of settings, as text, that production must not have."""
    if not in_production():
        return
    faults = [*_emulators(), *_faults(values)]
    if faults:
        raise ValueError(f"refusing to start in production (K_SERVICE is set): {'; '.join(faults)}")
    parsed_origins(os.environ.get("CORS_ORIGINS", ""), production=True)


def _emulators() -> Iterator[str]:
    """Yield the emulators that are configured: they check nothing."""
    for name in sorted(os.environ):
        if name.endswith("_EMULATOR_HOST"):
            yield f"{name} is set"


def _faults(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in sorted(values.items()):
        if "http://" in value.lower() and name != "cors_origins":
            yield f"{name.upper()} is reached over http, where keys and tokens can be read and replaced"
    if not 0 < _number(values.get("rate_limit_scale", "1")) <= MAX_RATE_LIMIT_SCALE:
        yield "RATE_LIMIT_SCALE turns the rate limits off"
    if _number(values.get("trusted_proxies", "1")) < 1:
        yield "TRUSTED_PROXIES takes the load balancer for the client of every request"
    if values.get("google_cloud_project", "").startswith(DEMO_PROJECT):
        yield "GOOGLE_CLOUD_PROJECT is a project of emulators"


def _number(value: str) -> float:
    """Return a number; what is none protects nothing."""
    try:
        return float(value)
    except ValueError:
        return 0.0

"""cold-start: importing a deployable's entry module in a fresh interpreter, from what is shipped.

Beside it stands the time from the start of the process to its first answer, and until it is ready, so that
nothing is merely moved behind the import.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from infra.pack import ROOT, pack
from infra.packing.build import Packed
from infra.packing.distributions import owners
from shared.manifest import Manifest, load_all
from tests.bench.errors import NotMeasured
from tests.bench.first_answer import Request, Start, answering_ok, neighbours, own_request
from tests.bench.report import Figure, Goal, Report, compared
from tests.bench.run import Run
from tests.bench.turns import in_turn
from tests.packaging.alone import ENVIRONMENT

NAME = "cold-start"
REFERENCE = "functions_framework.aio"
LIMIT_S = 60
MAX_STARTS = 5
"""Rounds of starting processes, which take a second each."""

TRACKING = Goal(1.7, at_least=False)
"""The function that drivers call all day long."""

WEBHOOKS = Goal(2.6, at_least=False)
"""Their senders are impatient."""

OTHERS = Goal(3.5, at_least=False)
CODE = """
import sys
from time import perf_counter
sys.path.insert(0, ".")
sys.modules |= dict.fromkeys(sys.stdin.read().split())
before, started = len(sys.modules), perf_counter()
__import__(sys.argv[1])
sys.stdout.write(f"{perf_counter() - started} {len(sys.modules) - before}")
"""
"""What the fresh interpreter runs: None in place of a module makes it look as if it were not installed."""


class Import:
    """One module, imported again and again by interpreters that know nothing yet.

    They see the given packages alone: some libraries load what they happen to find.
    """

    def __init__(self, module: str, folder: Path, packages: Collection[str]) -> None:
        self._command = [sys.executable, "-I", "-B", "-c", CODE, module]
        self._folder = folder
        self._withheld = "\n".join(_withheld(packages))
        self.modules = 0

    def milliseconds(self) -> float:
        """Return how long it took; notes how many modules came with it. Raises `NotMeasured`."""
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter
                self._command,
                cwd=self._folder,
                env=ENVIRONMENT,
                input=self._withheld,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            raise NotMeasured(f"{self._folder.name} cannot be imported:\n{error.stderr}") from error
        seconds, modules = done.stdout.split()
        self.modules = int(modules)
        return 1000 * float(seconds)


def measure(run: Run) -> Report:
    """Compare each deployable, built anew into `build/`, with the bare framework."""
    manifests = load_all(ROOT)
    deployables = pack([], ROOT / "build")
    imports = {packed.name: Import("main", packed.folder, packed.packages) for packed in deployables}
    framework = set.intersection(*(set(packed.packages) for packed in deployables))
    reference = Import(REFERENCE, ROOT / "build", framework)
    figures: list[Figure] = []
    with run.progress(NAME, 2 * run.rounds * len(imports)) as advance:
        for name, entry in imports.items():
            entry.milliseconds()  # the first finds cold files
            turns = {name: entry.milliseconds, REFERENCE: reference.milliseconds}
            measured = in_turn(turns, run.rounds, advance)
            compared_with = ("framework", measured[REFERENCE])
            figures.append(compared(name, "ms", measured[name], compared_with, _goal(manifests[name])))
    modules = {name: entry.modules for name, entry in (imports | {REFERENCE: reference}).items()}
    figures += _first_answers(run, deployables, tuple(framework))
    return Report(NAME, figures, {"modules_before_the_first_request": modules})


def _first_answers(run: Run, deployables: Sequence[Packed], framework: tuple[str, ...]) -> list[Figure]:
    """Compare the starts of the deployables with that of a function which answers "ok"."""
    ok, figures = answering_ok(run.scratch, framework), list[Figure]()
    rounds = min(run.rounds, MAX_STARTS)
    with (
        neighbours(run.scratch) as environment,
        run.progress("first answer", 2 * rounds * len(deployables)) as advance,
    ):
        for packed in deployables:
            start = Start(packed, own_request(packed.name), environment, run.scratch)
            reference = Start(ok, Request("GET", "/"), environment, run.scratch)
            turns = {packed.name: start.milliseconds, "ok": reference.milliseconds}
            first = in_turn(turns, rounds, advance)
            answered = ('"ok"', first["ok"])
            figures.append(compared(f"{packed.name}, first answer", "ms", first[packed.name], answered, None))
            figures.append(compared(f"{packed.name}, ready", "ms", start.ready, answered, None))
    return figures


def _withheld(packages: Collection[str]) -> list[str]:
    """Return the installed modules that none of the packages bring."""
    foreign = {module for module, owner in owners().items() if owner not in packages}
    return sorted(module for module in foreign if foreign.isdisjoint(_parents(module)))


def _parents(module: str) -> Iterator[str]:
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def _goal(manifest: Manifest) -> Goal:
    if manifest.name == "tracking_api":
        return TRACKING
    return WEBHOOKS if manifest.name.endswith("_webhooks") else OTHERS

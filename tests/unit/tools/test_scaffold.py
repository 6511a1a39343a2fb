"""A generated skeleton is code that the project's own checks accept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.scaffold.context import new_context
from tools.scaffold.function import new_function
from tools.scaffold.write import ScaffoldError

ROOT = Path(__file__).parents[3]
CONTEXTS = ("gadgets", "depots")
"""Two: the second is written behind the first."""
KINDS = ("api", "webhooks", "events", "tasks", "cron")
DOCUMENTS = (
    "tools.docs.openapi",
    "tools.docs.hosting",
    "tools.docs.subscriptions",
    "tests.unit.edge.public_errors --add",
)
"""What `make docs` writes and other tests compare with the code."""
GUARDS = (
    "tests/unit/tools/test_openapi.py",
    "tests/unit/tools/test_subscriptions.py",
    "tests/unit/tools/test_glossary.py",
    "tests/unit/edge/test_callables.py",
    "tests/unit/edge/test_public_errors.py",
    "tests/unit/guards/test_levels.py",
)
"""The tests that look at every function, context and operation."""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a new context and a function of each kind."""
    copy = tmp_path_factory.mktemp("grown")
    for name in ("docs", "functions", "shared", "emulators", "infra", "tools", "tests", "web"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for name in ("pyproject.toml", "requirements.lock", "firebase.json"):
        shutil.copyfile(ROOT / name, copy / name)
    for context in CONTEXTS:
        new_context(copy, context)
    for kind in KINDS:
        new_function(copy, f"gadgets_{kind}")
    for module in DOCUMENTS:
        assert _run(copy, "python", "-m", *module.split()) == ""
    return copy


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own tools
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check"),
        ("ruff", "format", "--check"),
        ("mypy", "functions", "shared/gadgets", "tests/unit/gadgets"),
        ("lint-imports",),
        ("pytest", "-q", "-p", "no:cacheprovider", "tests/unit/gadgets", "tests/unit/depots", *GUARDS),
        *(("python", "-m", "infra.pack", f"gadgets_{kind}") for kind in KINDS),
    ],
    ids=" ".join,
)
def test_the_checks_accept_it(grown: Path, command: tuple[str, ...]) -> None:
    assert _run(grown, *command) == ""


def test_nothing_is_written_over(grown: Path) -> None:
    with pytest.raises(ScaffoldError, match="exists"):
        new_context(grown, "gadgets")


@pytest.mark.parametrize("name", ["orders", "orders_thing", "Orders_api", "none_api"])
def test_a_name_that_is_none_is_refused(grown: Path, name: str) -> None:
    with pytest.raises(ScaffoldError):
        new_function(grown, name)

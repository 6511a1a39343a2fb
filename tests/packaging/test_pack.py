"""The packager's command line, on a small repository of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.pack import ROOT
from tests.patience import HANG_SECONDS

pytestmark = pytest.mark.mission("L1")

FILES = {
    "functions/__init__.py": "",
    "functions/a_api/__init__.py": "",
    "functions/a_api/function.toml": 'summary = "A"\n[deploy]\nservice_account = "a-api"\n',
    "functions/a_api/main.py": "from functions.a_api import wiring\na_api = wiring.port\n",
    "functions/a_api/requirements.in": "# what the code names\nhttpx  # and its closure\n",
    "functions/a_api/wiring.py": "def port():\n    from shared.adapters.lazy import Lazy\n    return Lazy\n",
    "shared/__init__.py": "",
    "shared/adapters/__init__.py": "from shared import initial\n",
    "shared/adapters/lazy.py": (
        "from typing import TYPE_CHECKING\nimport httpx\n"
        "if TYPE_CHECKING:\n    from shared.adapters.hints import Hint\nclass Lazy: ...\n"
    ),
    "shared/adapters/hints.py": "",
    "shared/adapters/unused.py": "",
    "shared/initial.py": "",
    "tests/__init__.py": "",
}


class Repository:
    """A repository with the real packager and lock, and the given files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "infra", root / "infra", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copyfile(ROOT / "requirements.lock", root / "requirements.lock")
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def pack(self, *names: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "infra.pack", *names]
        return subprocess.run(  # noqa: S603 - our own interpreter
            command, cwd=self.root, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
        )

    def modules(self) -> set[str]:
        folder = self.root / "build" / "a_api"
        return {str(path.relative_to(folder)) for path in folder.rglob("*.py")}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_it_follows_lazy_imports_and_packages_but_not_the_type_checker(repository: Repository) -> None:
    result = repository.pack("a_api")
    assert (result.returncode, result.stderr) == (0, "")
    assert repository.modules() == {
        "functions/__init__.py",
        "functions/a_api/__init__.py",
        "functions/a_api/main.py",
        "functions/a_api/wiring.py",
        "main.py",
        "shared/__init__.py",
        "shared/adapters/__init__.py",
        "shared/adapters/lazy.py",
        "shared/initial.py",
    }


def test_the_table_is_plain_when_piped(repository: Repository) -> None:
    lines = repository.pack().stdout.splitlines()
    assert lines[0].split() == ["function", "modules", "KiB", "packages"]
    assert lines[1].split()[:2] == ["a_api", "8"]
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_an_unknown_function_is_refused_with_the_names_there_are(repository: Repository) -> None:
    result = repository.pack("b_api")
    assert result.returncode == 1
    assert result.stderr == "pack: no function b_api; known functions: a_api\n"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (
            "import redis",
            "functions.a_api.wiring imports redis: functions/a_api/requirements.in must name redis",
        ),
        ("from google.cloud import tasks_v2", "must name google-cloud-tasks"),
        ("import nowhere_to_be_found", "which no installed package provides"),
        ("import tests", "functions.a_api.wiring imports tests, which is not deployed with it"),
        ("import shared.gone", "imports shared.gone, which is not deployed with it"),
        (
            "def f():\n    from shared.loose import port",
            "imports shared.loose.port, which is not deployed with it",
        ),
    ],
)
def test_an_import_that_would_fail_when_deployed_is_refused(
    repository: Repository, source: str, complaint: str
) -> None:
    repository.write("functions/a_api/wiring.py", source)
    repository.write("shared/loose/port.py", "")  # a folder without __init__.py
    result = repository.pack("a_api")
    assert result.returncode == 1
    assert complaint in result.stderr


def test_what_was_built_before_is_replaced(repository: Repository) -> None:
    repository.write("build/a_api/leftover.py", "")
    assert repository.pack("a_api").returncode == 0
    assert "leftover.py" not in repository.modules()
    assert [path.name for path in (repository.root / "build").iterdir()] == ["a_api"]


def test_a_package_that_the_lock_lacks_is_refused(repository: Repository) -> None:
    lock = repository.root / "requirements.lock"
    lock.write_text(lock.read_text().replace("\nhttpcore==", "\nanother=="))
    result = repository.pack("a_api")
    assert result.returncode == 1
    assert result.stderr == "pack: requirements.lock lacks httpcore: run `make lock`\n"

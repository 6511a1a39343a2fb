"""Every deployable, built once for the session and apart from the `build/` that people use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import grimp
import pytest

from infra.pack import ROOT
from infra.packing.build import Packed, build, names
from infra.packing.closure import import_graph
from infra.packing.requirements import locked

Build = Callable[[str], Packed]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `function` once for each function on disk."""
    if "function" in metafunc.fixturenames:
        metafunc.parametrize("function", names(ROOT))


@pytest.fixture(scope="session")
def graph() -> grimp.ImportGraph:
    """The import graph of the repository."""
    return import_graph()


@pytest.fixture(scope="session")
def lock() -> Mapping[str, str]:
    """The root's lock."""
    return locked(ROOT / "requirements.lock")


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, graph: grimp.ImportGraph, lock: Mapping[str, str]
) -> Build:
    """Builds a function, or gives the folder that it has built before."""
    out: Path = tmp_path_factory.mktemp("build")
    return cache(lambda name: build(ROOT, out, name, graph=graph, lock=lock))

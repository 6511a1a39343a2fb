"""The typed client is generated from the API document, is current, and compiles strictly."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
NODE_PROGRAMS = ROOT / "node_modules" / ".bin"


def _run(*command: str) -> str:
    program = shutil.which(command[0], path=str(NODE_PROGRAMS))
    assert program, f"{command[0]} is missing: run `make setup`"
    done = subprocess.run(  # noqa: S603 - our own tools
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_types_are_those_of_the_document(tmp_path: Path) -> None:
    made = tmp_path / "schema.d.ts"
    document = ("openapi-typescript", "docs/openapi.json", "--default-non-nullable", "false", "-o", str(made))
    assert _run(*document) == ""
    current = (ROOT / "web" / "client" / "schema.d.ts").read_text()
    assert made.read_text() == current, "run `make docs`"


def test_the_client_and_its_example_compile() -> None:
    assert _run("tsc", "-p", "web/client") == ""

"""The skeleton of a context: one entity that can be read, through every layer."""

from __future__ import annotations

import re
from pathlib import Path

from tools.scaffold.write import ScaffoldError, replace_all, write_all

_NAME = re.compile(r"[a-z][a-z]*")
_LAYER = re.compile(r"identity \| .*?\| (\w+)\"")
"""The layer of the contexts in pyproject.toml: a new one is listed after the last."""


def new_context(root: Path, name: str) -> list[Path]:
    """Write shared/<name>, its adapter, its ports and its first test; return the paths."""
    if not _NAME.fullmatch(name):
        raise ScaffoldError(f"{name!r} is no name of a context: one lower-case word, such as ledger")
    thing = f"{name.removesuffix('s').title()}Record"
    project, glossary = root / "pyproject.toml", root / "docs" / "glossary.md"
    layer = _LAYER.search(project.read_text())
    if layer is None:
        raise ScaffoldError("pyproject.toml lists no layer of contexts that begins with identity")
    last = layer[1]
    written = write_all(root, _files(name, thing))
    replace_all(project, f'    "shared.{last}",\n', f'    "shared.{last}",\n    "shared.{name}",\n')
    replace_all(project, f'| {last}"', f'| {last} | {name}"')
    glossary.write_text(glossary.read_text() + _terms(name))
    return [*written, project, glossary]


def _terms(name: str) -> str:
    """Return the section of the glossary for a context."""
    row = f"| {name} record | One record of a user. | `shared/{name}/domain.py` |"
    return f"\n## {name.title()}\n\n| term | definition | where |\n| --- | --- | --- |\n{row}\n"


def _files(name: str, thing: str) -> dict[str, str]:
    error = f"{thing}NotFound"
    code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", error).upper()
    title = name.title()
    return {
        f"shared/{name}/__init__.py": f'"""{title}: say in one sentence what this context is for."""\n',
        f"shared/{name}/usecases/__init__.py": "",
        f"shared/{name}/domain.py": f'''
            """The entities of {name} and their rules: pure, without clock, randomness or I/O."""

            from __future__ import annotations

            from dataclasses import dataclass

            from shared.kernel.errors import NotFound


            class {error}(NotFound):
                """There is no such record, or it belongs to another user."""

                code = "{code}"
                detail = "There is no such record, or it belongs to another user."


            @dataclass(frozen=True, slots=True)
            class {thing}:
                """One record of a user."""

                id: str
                owner_id: str
            ''',
        f"shared/{name}/ports.py": f'''
            """What {name} needs from outside."""

            from __future__ import annotations

            from typing import Protocol

            from shared.{name}.domain import {thing}


            class {thing}Store(Protocol):
                """Stores records."""

                async def find(self, record_id: str) -> {thing} | None:
                    """Return the record, or None."""
                    ...
            ''',
        f"shared/{name}/queries.py": f'''
            """Reads of {name}."""

            from __future__ import annotations

            from shared.{name}.domain import {error}, {thing}
            from shared.{name}.ports import {thing}Store


            async def get_record(record_id: str, uid: str, *, records: {thing}Store) -> {thing}:
                """Return a record of the user. Raises `{error}`, also for the record of another user."""
                record = await records.find(record_id)
                if record is None or record.owner_id != uid:
                    raise {error}
                return record
            ''',
        f"shared/adapters/firestore/{name}.py": f'''
            """Records of {name} in Firestore: `{name}/{{id}}`."""

            from __future__ import annotations

            from shared.adapters.firestore.codec import Collection
            from shared.adapters.firestore.database import Database
            from shared.{name}.domain import {thing}

            RECORDS = Collection("{name}", {thing})


            class Firestore{thing}s:
                """`{thing}Store`."""

                def __init__(self, database: Database) -> None:
                    self._database = database

                async def find(self, record_id: str) -> {thing} | None:
                    """See `{thing}Store.find`."""
                    return RECORDS.find(await self._database.get_all([RECORDS.path(record_id)]), record_id)
            ''',
        f"shared/composition/{name}.py": f'''
            """The ports of {name}."""

            from __future__ import annotations

            from functools import cached_property

            from shared.adapters.firestore.{name} import Firestore{thing}s
            from shared.composition.documents import DocumentPorts


            class {title}Ports(DocumentPorts):
                """What {name} needs."""

                @cached_property
                def records(self) -> Firestore{thing}s:
                    """Return the store of records."""
                    return Firestore{thing}s(self.database)
            ''',
        f"tests/unit/{name}/__init__.py": "",
        f"tests/unit/{name}/test_{name}.py": f'''
            """Records of {name} are read by their owner alone."""

            from __future__ import annotations

            import pytest

            from shared.adapters.firestore.codec import to_document
            from shared.composition.{name} import {title}Ports
            from shared.{name}.domain import {error}, {thing}
            from shared.{name}.queries import get_record
            from tests.fakes.runtime import FakeRuntime

            RECORD = {thing}("rec_1", owner_id="asha")


            @pytest.fixture
            def ports() -> {title}Ports:
                runtime = FakeRuntime()
                runtime.database.seed("{name}/rec_1", to_document(RECORD))
                return {title}Ports(runtime)


            async def test_the_owner_reads_a_record(ports: {title}Ports) -> None:
                assert await get_record("rec_1", "asha", records=ports.records) == RECORD


            @pytest.mark.parametrize(("record_id", "uid"), [("rec_1", "bala"), ("rec_2", "asha")])
            async def test_a_foreign_or_unknown_record_is_not_found(
                ports: {title}Ports, record_id: str, uid: str
            ) -> None:
                with pytest.raises({error}):
                    await get_record(record_id, uid, records=ports.records)
            ''',
    }

"""Adapters store, send and translate; what is allowed, when and for how much, the contexts decide."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest

from shared import adapters

pytestmark = pytest.mark.mission("A1")

TRANSLATED: Mapping[str, str] = {
    "firestore.catalogue: status == ReviewOutcome.APPROVED": "the query of a status that two fields store",
    "firestore.copies: known - now > self._rules.distrust / 2": "how often a process says that copies fail",
    "firestore.dispatch: by.review is ReviewState.APPROVED": "the query of a state that two fields store",
    "firestore.memberships: member.role is not StaffRole.OWNER": "whom a list of the staff names first",
    "firestore.reviews: SUBJECTS[side] is ReviewSubject.MERCHANT": "the document that holds the subject",
    "firestore.verification: document.subject_kind is SubjectKind.PERSON": "a person has no staff to read",
    "firestore.verification: subject.kind is SubjectKind.MERCHANT": "a person has no staff to read",
}
"""The decisions by a state or by the time that adapters make, and why they are no rules of the business."""


def test_fault_17_no_adapter_decides_by_a_state_or_by_the_time() -> None:
    found = {f"{name}: {decision}" for name, module in _adapters() for decision in decisions(module)}
    assert sorted(found - set(TRANSLATED)) == []
    assert set(TRANSLATED) <= found, "an exception that no longer exists"


def test_the_guard_sees_decisions_and_no_translations() -> None:
    source = """
def pending(order, now, query):
    if order.fulfilment is Fulfilment.READY:
        return True
    if order.payment.state in (PaymentState.CAPTURED, PaymentState.HELD):
        return True
    if now >= order.expires_at:
        return True
    return query.where("state", "==", Fulfilment.READY)
"""
    names = {"Fulfilment": Enum("Fulfilment", "READY"), "PaymentState": Enum("PaymentState", "CAPTURED HELD")}
    assert list(_decisions(ast.parse(source), names)) == [
        "order.fulfilment is Fulfilment.READY",
        "order.payment.state in (PaymentState.CAPTURED, PaymentState.HELD)",
        "now >= order.expires_at",
    ]


def decisions(module: ModuleType) -> Iterator[str]:
    """Yield the comparisons of an adapter with a state of ours, and those with the time."""
    yield from _decisions(ast.parse(Path(str(module.__file__)).read_text()), vars(module))


def _decisions(tree: ast.AST, names: Mapping[str, object]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            operands = [part for one in (node.left, *node.comparators) for part in ast.walk(one)]
            by_time = isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
            if any(_is_state(part, names) or (by_time and _is_now(part)) for part in operands):
                yield ast.unparse(node)


def _is_state(node: ast.AST, names: Mapping[str, object]) -> bool:
    """Say whether an operand is a member of an enumeration of the kernel or a context."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    owner = names.get(node.value.id)
    return (
        isinstance(owner, type)
        and issubclass(owner, Enum)
        and not owner.__module__.startswith(adapters.__name__)
    )


def _is_now(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "now"


def _adapters() -> Iterator[tuple[str, ModuleType]]:
    for found in pkgutil.walk_packages(adapters.__path__, f"{adapters.__name__}."):
        if not found.ispkg:
            yield found.name.removeprefix("shared.adapters."), importlib.import_module(found.name)

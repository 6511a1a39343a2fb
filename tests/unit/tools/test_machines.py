"""The page of state machines says what the tables say, in diagrams that Mermaid can read."""

from __future__ import annotations

import re

import pytest

from shared.dispatch.machine import ASSIGNMENT, OfferState, ReviewState
from shared.kernel.machine import Transition
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.businesses import POLICIES
from shared.payments.domain import RefundState, State
from shared.payments.machine import PAYMENT, REFUND, SUBJECT_PAYMENT
from tests.unit.orders.machines import LEGAL
from tools.docs import machines

STATE = r"[a-z][a-z_]*"
LINE = re.compile(rf"    (\[\*\] --> {STATE}|{STATE} --> \[\*\]|{STATE} --> {STATE}: [A-Za-z][A-Za-z (),]*)")
"""A start, an end, or an arrow with a label free of what Mermaid's lexer ends a label at (`:`, `;`, `#`)."""

KEYWORDS = {
    "state",
    "note",
    "end",
    "direction",
    "class",
    "classdef",
    "style",
    "click",
    "default",
    "scale",
    "as",
}
STATES = {*Fulfilment, *AssignmentState, *OfferState, *PaymentState, *State, *RefundState, *ReviewState}
OTHERS = 6


def blocks() -> list[list[str]]:
    return [found.splitlines() for found in re.findall(r"```mermaid\n(.*?)```", machines.document(), re.S)]


def test_the_committed_page_is_that_of_the_tables() -> None:
    assert machines.main(["--check"]) == 0


def test_a_stale_page_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    stale = machines.ROOT / "docs" / "performance.md"
    monkeypatch.setattr(machines, "TARGET", stale)
    assert machines.main(["--check"]) == 1


def test_there_is_one_diagram_for_each_business_and_one_for_each_other_machine() -> None:
    assert len(blocks()) == len(Business) + OTHERS


@pytest.mark.parametrize("number", range(len(Business) + OTHERS))
def test_every_line_of_a_diagram_is_one_that_mermaid_reads(number: int) -> None:
    first, *lines = blocks()[number]
    assert first == "stateDiagram-v2"
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_no_state_is_called_like_a_word_of_mermaid() -> None:
    assert {state.value for state in STATES} & KEYWORDS == set()


@pytest.mark.parametrize("business", Business)
def test_a_diagram_shows_every_legal_step_and_no_other(business: Business) -> None:
    steps = {(str(m.source), m.cause, str(m.target)) for m in POLICIES[business].transitions()}
    legal = {
        (source.value, step.value, target.value) for (source, step, _), target in LEGAL[business].items()
    }
    cancelled = {step for step in steps if step[2] == "cancelled"}
    assert steps - cancelled == legal


def test_arrows_between_the_same_states_are_drawn_once() -> None:
    for lines in blocks():
        arrows = [line.split(":")[0] for line in lines[1:]]
        assert len(set(arrows)) == len(arrows)


@pytest.mark.parametrize("rows", [ASSIGNMENT.rows, SUBJECT_PAYMENT.rows, PAYMENT.rows, REFUND.rows])
def test_every_row_of_a_machine_is_in_its_table(rows: tuple[Transition, ...]) -> None:
    page = machines.document()
    for row in rows:
        assert f"| {row.source} | {row.target} | {row.cause} | {row.actor} |" in page

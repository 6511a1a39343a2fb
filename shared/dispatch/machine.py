"""The assignment machine as data. `offers.py` and `searching.py` decide; this is what they can decide."""

from __future__ import annotations

from shared.kernel.machine import Transition
from shared.kernel.order import AssignmentState

_S = AssignmentState

ASSIGNMENT: tuple[Transition, ...] = (
    Transition(_S.NONE, _S.OFFERED, "offer made", "dispatch"),
    Transition(_S.SEARCHING, _S.OFFERED, "offer made", "dispatch"),
    Transition(_S.NONE, _S.SEARCHING, "nobody to ask", "dispatch"),
    Transition(_S.OFFERED, _S.SEARCHING, "declined", "driver"),
    Transition(_S.OFFERED, _S.SEARCHING, "expired", "clock"),
    Transition(_S.OFFERED, _S.ASSIGNED, "accepted in time", "driver"),
    Transition(_S.SEARCHING, _S.UNASSIGNABLE, "nobody for too long", "clock"),
    Transition(_S.UNASSIGNABLE, _S.SEARCHING, "rested", "clock"),
    Transition(_S.SEARCHING, _S.NONE, "order cancelled", "orders"),
    Transition(_S.OFFERED, _S.NONE, "order cancelled", "orders"),
    Transition(_S.ASSIGNED, _S.NONE, "order cancelled", "orders"),
    Transition(_S.UNASSIGNABLE, _S.NONE, "order cancelled", "orders"),
)

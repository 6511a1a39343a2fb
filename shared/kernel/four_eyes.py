"""Four eyes: an operator does not decide about what concerns them; another operator does.

Every decision of an operator about an account, an application, a document or an order calls
`demand_uninvolved` in the commit that stores it. Reading, and the end of one's own sessions, is no decision.
"""

from __future__ import annotations

from collections.abc import Callable

from shared.kernel.errors import DomainError, Forbidden


class OperatorInvolved(Forbidden):
    """The operator has a part in what they would decide about."""

    code = "OPERATOR_INVOLVED"
    detail = "This concerns you: you are a party to it, or work for one. Ask another operator to decide."


def demand_uninvolved(
    operator_id: str,
    *parties: str | None,
    is_staff: Callable[[str], bool] | None = None,
    refusal: type[DomainError] = OperatorInvolved,
) -> None:
    """Return if the operator is none of the `parties` and not on the staff of a merchant that is one.

    Raises `refusal` otherwise.
    """
    # mutant: decides-on-their-own
    if operator_id in parties or (is_staff is not None and is_staff(operator_id)):
        raise refusal

"""Which versions of a menu are kept: the newest, and those that a quote or an order pins.

A version can be 0.7 MB, and each switch of a dish makes one. Before the application of a merchant was ever
reviewed, there can be no quote from it, and the current version is enough.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from shared.catalogue.domain import Merchant

MAX_VERSIONS = 5
"""The newest versions that are kept, pinned or not: staff compare and go back."""

PRUNED_AT_ONCE = 5
"""How many versions one change looks at: more than it adds, so that the past is caught up with."""


@dataclass(frozen=True, slots=True)
class MenuPins:
    """Of the versions that may go, those that a quote of now pins, and those that an order pins."""

    quoted: Collection[int] = ()
    ordered: Collection[int] = ()


def may_be_pinned(merchant: Merchant) -> bool:
    """Return whether there may be a quote or an order from an old version of the menu."""
    return merchant.approved or merchant.application_reviews > 0


def replaceable(merchant: Merchant) -> Sequence[int]:
    """Return the old versions that the next version of the menu may take the place of, the oldest first."""
    kept = MAX_VERSIONS - 1 if may_be_pinned(merchant) else 0
    last = merchant.menu_version - kept
    return range(merchant.oldest_menu, last + 1)[:PRUNED_AT_ONCE]


def pruned(
    before: Merchant, revised: Merchant, looked_at: Sequence[int], pins: MenuPins | None
) -> tuple[Merchant, Sequence[int]]:
    """Return the revised merchant with what was looked at behind it, and the versions to delete.

    `before` is the merchant as the decision read it. The versions were looked at before that, so that only
    those that may still go do; none where the merchant was approved meanwhile, and `pins` were not
    looked for (None). A version that a quote pins is looked at again by the next change; what an
    order pins stays.
    """
    if pins is None and may_be_pinned(before):
        return revised, ()
    found, may_go = pins or MenuPins(), replaceable(before)
    gone: list[int] = []
    oldest = revised.oldest_menu
    for version in looked_at:
        if version in found.quoted or version not in may_go:
            break
        if version not in found.ordered:  # mutant: pinned-menu-pruned
            gone.append(version)
        oldest = max(oldest, version + 1)
    return replace(revised, oldest_menu=oldest), gone

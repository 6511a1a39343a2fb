"""The licences that a merchant may need. Verification has a document kind of the same name for each."""

from __future__ import annotations

from enum import StrEnum


class Licence(StrEnum):
    """A licence to sell a kind of goods."""

    FOOD = "food_licence"
    DRUG = "drug_licence"

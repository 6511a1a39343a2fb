"""Money as integer minor units of an ISO 4217 currency (paise, cents); never a float."""

from __future__ import annotations

from dataclasses import dataclass

from shared.kernel.errors import Invalid


class CurrencyMismatch(Invalid):
    """Two amounts have different currencies."""

    code = "CURRENCY_MISMATCH"
    detail = "The amounts have different currencies. Use one currency."


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount` minor units of `currency`; sums and comparisons require one currency."""

    amount: int
    currency: str = "INR"

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.amount * count, self.currency)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __str__(self) -> str:
        return f"{self.currency} {self.amount / 100:.2f}"

    def share(self, basis_points: int) -> Money:
        """Return `basis_points` / 10,000 of the amount, rounded half up to a whole minor unit."""
        return Money((self.amount * basis_points + 5_000) // 10_000, self.currency)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added or compared.")
        return other.amount

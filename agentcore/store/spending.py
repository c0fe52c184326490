"""What the service spends on models in a day, held under a cap: reserve, then settle.

Days are UTC's; money is in millionths of a US dollar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside for a call that is under way. `day` counts from 1970-01-01 UTC."""

    day: int
    amount: int


class Spending(Protocol):
    async def reserve(self, amount: int, *, cap: int) -> Reservation | None:
        """Set money aside, unless with it more than `cap` would be spent or set aside today. What
        was spent today before anybody reserved counts too.
        """
        ...

    async def settle(self, reservation: Reservation, *, spent: int, kept: int = 0) -> None:
        """Put what was really spent in its place. `kept` stays set aside for the rest of the day:
        what may have been spent, for a call whose end or price isn't known.
        """
        ...

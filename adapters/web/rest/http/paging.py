"""How lists are cut into pages: plain arrays, with the id of an item as the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """`before` and `after` are ids; in which direction they count, `order` says."""

    limit: int
    before: str | None
    after: str | None
    order: Literal["asc", "desc"]

    @property
    def ascending(self) -> bool:
        return self.order == "asc"

    @property
    def older_than(self) -> str | None:
        """Of a list by creation: only what was made before this."""
        return self.before if self.ascending else self.after

    @property
    def newer_than(self) -> str | None:
        """Of a list by creation: only what was made after this."""
        return self.after if self.ascending else self.before


def _page(
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 50,
    before: Annotated[str | None, Query(description="Only what comes before this id.")] = None,
    after: Annotated[str | None, Query(description="Only what comes after this id.")] = None,
    order: Annotated[
        Literal["asc", "desc"], Query(description="By creation: oldest or newest first.")
    ] = "desc",
) -> Page:
    return Page(limit, before, after, order)


PageHere = Annotated[Page, Depends(_page)]

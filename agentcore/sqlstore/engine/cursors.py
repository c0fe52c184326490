"""Pages of a list, whose cursors are the ids of what stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.sqlstore.engine.database import AnyRow


class Paged(Protocol):
    """What a page's query says of its place. `before` and `after` are ids."""

    @property
    def limit(self) -> int: ...
    @property
    def before(self) -> Any: ...
    @property
    def after(self) -> Any: ...
    @property
    def ascending(self) -> bool: ...


def page_of(
    connection: Connection,
    found: sa.Select[Any],
    place: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]],
    page: Paged,
    among: sa.ColumnElement[bool],
) -> Sequence[AnyRow]:
    """The rows of a page, in the order of `place`: by what they are listed, and their ids. Before a
    cursor, those that are nearest to it.

    A cursor that isn't there any more counts for nothing, so that whoever deletes what a list shows,
    page by page, comes to all of it; and so does one that isn't `among` what its reader may see.
    """
    for cursor, later in ((page.after, page.ascending), (page.before, not page.ascending)):
        if cursor is not None:
            of = sa.select(*place).where(place[1] == cursor, among)
            row = connection.execute(of).one_or_none()
            if row is None:
                continue
            at = sa.tuple_(*(sa.literal(v, type_=c.type) for v, c in zip(row, place, strict=True)))
            here = sa.tuple_(*place)
            found = found.where(here > at if later else here < at)
    backwards = page.before is not None and page.after is None
    ascending = page.ascending != backwards
    order = [each.asc() if ascending else each.desc() for each in place]
    rows = connection.execute(found.order_by(*order).limit(page.limit)).all()
    return rows[::-1] if backwards else rows

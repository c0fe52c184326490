"""What addresses have in common here, where they are opaque but for one thing: the address of a
topic is its chat's, a colon, and more.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agentcore.records import Address


def at_home(column: sa.ColumnElement[Any], home: Address) -> sa.ColumnElement[bool]:
    """Whether an address is that of a chat, or of a topic of it."""
    inside = f"{home}:"
    return sa.or_(column == home, sa.func.substr(column, 1, len(inside)) == inside)

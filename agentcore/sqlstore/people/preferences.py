"""What a person has chosen about how they are spoken to: a few words in their own row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import CardChoice, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import lock_row

_CARDS = "cards"


def cards_of(preferences: Mapping[str, Any] | None) -> CardChoice:
    """Which cards somebody gets; as usual, for who never chose."""
    return cast("CardChoice", (preferences or {}).get(_CARDS, "on"))


def choose_cards(connection: Connection, user_id: UserId, choice: CardChoice) -> None:
    """From the next claim on."""
    row = sa.select(t.user.c.preferences).where(t.user.c.user_id == user_id)
    lock_row(connection, row)
    chosen = {**(connection.execute(row).scalar_one() or {}), _CARDS: choice}
    connection.execute(
        sa.update(t.user).where(t.user.c.user_id == user_id).values(preferences=chosen)
    )

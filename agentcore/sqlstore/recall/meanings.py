"""What a query means to the embedding model, if there is one and it says so soon enough.

Whatever goes wrong with that, the query's words answer alone, and nobody waits for a model that
has just failed.
"""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from agentcore.clock import SECOND, Clock, Micros
from agentcore.errors import ModelError, stack_of
from agentcore.memory.terms import query_terms, without_terms
from agentcore.memory.vectors import packed
from agentcore.model import Embedder
from agentcore.records import AgentId, storable
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.recall.vectors import LONGEST, Meant

_log = structlog.get_logger(__name__)

SOON = 1.0
"""Seconds that a query may take to be embedded."""
REST = 60 * SECOND
"""How long a model that failed isn't asked."""


class QueryMeanings:
    """One per store. Without an embedder no query means anything."""

    def __init__(self, database: Database, clock: Clock, embedder: Embedder | None) -> None:
        self._database = database
        self._clock = clock
        self._embedder = embedder
        self._rests_until = Micros(0)

    async def of(self, text: str, agent_id: AgentId) -> Meant | None:
        """What a query of this agent means; None where its words must do."""
        if self._embedder is None or not text.strip() or self._clock.now() < self._rests_until:
            return None
        names = await self._database.read(partial(_names_in, agent_id=agent_id, text=text))
        # Who is named says who spoke, which the words know, and nothing of what was meant.
        plain = without_terms(text, names).strip() or text.strip()
        try:
            made = await self._embedder.embed([storable(plain[:LONGEST])], within=SOON)
        except ModelError as error:
            self._rests_until = Micros(self._clock.now() + REST)
            _log.warning("a query could not be embedded", reason=type(error).__name__)
            return None
        except Exception as error:  # noqa: BLE001 (no search fails for the want of a vector)
            self._rests_until = Micros(self._clock.now() + REST)
            _log.error("a query could not be embedded", stack=stack_of(error))
            return None
        return Meant(self._embedder.name, packed(made.vectors[0]))


def _names_in(connection: Connection, agent_id: AgentId, text: str) -> frozenset[str]:
    """The terms of a text that are names of who has spoken."""
    term = t.term
    forms = [form for forms in query_terms(text) for form in forms]
    rows = connection.execute(
        sa.select(term.c.term)
        .where(
            term.c.agent_id.in_(lives(connection, agent_id)),
            term.c.term.in_(forms),
            term.c.tf_name > 0,
        )
        .distinct()
    )
    return frozenset(rows.scalars())

"""`Tokens` over a `Database`. Only the SHA-256 of a token's text is stored: of 32 random bytes,
nobody finds them by it.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from agentcore.clock import MINUTE, SECOND, Clock, Micros
from agentcore.errors import BadInput, NotFound, StoreError
from agentcore.records import AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.engine.database import AnyRow, Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.store.tokens import LONGEST_NAME, PREFIX, ApiToken, NewToken

KNOWN_FOR = 5 * SECOND
"""How long what was found counts without another look."""
MOST_KNOWN = 1_000
USE_IS_NOTED_EVERY = MINUTE

_RANDOM_BYTES = 32
_LENGTH = len(PREFIX) + 43

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Finding:
    token: ApiToken
    at: Micros


class SqlTokens:
    """`Tokens` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, _Finding] = {}
        self._revocations = 0

    async def create(self, name: str, agent_id: AgentId | None = None) -> NewToken:
        text = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        _require_name(name)
        if agent_id is not None and not is_public_id(agent_id, "agent"):
            raise no_agent(agent_id)
        token = ApiToken(f"token-{uuid.uuid4()}", name, agent_id, self._clock.now())
        await self._database.write(partial(_add, token=token, digest=_digest(text)))
        return NewToken(token, text)

    async def list(self, *, limit: int = 100) -> Sequence[ApiToken]:
        return await self._database.read(partial(_read, limit=limit))

    async def revoke(self, token_id: str) -> ApiToken:
        now = self._clock.now()
        try:
            return await self._database.write(partial(_revoke, token_id=token_id, now=now))
        finally:
            self._revocations += 1
            self._known.clear()

    async def find(self, text: str) -> ApiToken | None:
        if len(text) != _LENGTH or not text.startswith(PREFIX):
            return None
        digest, now = _digest(text), self._clock.now()
        known = self._known.get(digest)
        if known is not None and 0 <= now - known.at < KNOWN_FOR:
            return known.token
        revocations = self._revocations
        found = await self._database.read(partial(_find, digest=digest))
        if found is None:
            return None
        await self._note_use(found, now)
        if revocations == self._revocations:  # else it may be the one that was revoked meanwhile
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[digest] = _Finding(found, now)
        return found

    async def _note_use(self, token: ApiToken, now: Micros) -> None:
        if token.last_used_at is not None and now - token.last_used_at < USE_IS_NOTED_EVERY:
            return
        try:
            await self._database.write(partial(_use, token_id=token.token_id, now=now))
        except StoreError as error:  # what can still be read on a full disk, is
            _log.warning("a token's use can't be noted", error=str(error))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _require_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        msg = f"A token's name is one line of at most {LONGEST_NAME} characters."
        raise BadInput(msg)


def _add(connection: Connection, token: ApiToken, digest: str) -> None:
    agent_id = token.agent_id
    if agent_id is not None:
        there = sa.select(t.agent.c.agent_id).where(
            t.agent.c.agent_id == agent_id, t.agent.c.deleted_at.is_(None)
        )
        if connection.execute(there).first() is None:
            raise no_agent(agent_id)
    connection.execute(
        sa.insert(t.token).values(
            token_id=token.token_id,
            hash=digest,
            name=token.name,
            scope="admin" if agent_id is None else "agent",
            agent_id=agent_id,
            created_at=token.created_at,
        )
    )


def _read(connection: Connection, limit: int) -> tuple[ApiToken, ...]:
    rows = connection.execute(
        _tokens().order_by(t.token.c.created_at.desc(), t.token.c.token_id).limit(limit)
    )
    return tuple(_token(row) for row in rows)


def _revoke(connection: Connection, token_id: str, now: Micros) -> ApiToken:
    connection.execute(
        sa.update(t.token)
        .where(t.token.c.token_id == token_id, t.token.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    row = connection.execute(_tokens().where(t.token.c.token_id == token_id)).one_or_none()
    if row is None:
        msg = f"There is no token {token_id}. `familiar token list` shows those there are."
        raise NotFound(msg)
    return _token(row)


def _find(connection: Connection, digest: str) -> ApiToken | None:
    row = connection.execute(_good(), {"digest": digest}).one_or_none()
    return None if row is None else _token(row)


@cache
def _good() -> sa.Select[Any]:
    """The token with a digest, while it is good."""
    token, agent = t.token.c, t.agent.c
    there = sa.exists().where(agent.agent_id == token.agent_id, agent.deleted_at.is_(None))
    return _tokens().where(
        token.hash == sa.bindparam("digest"),
        token.revoked_at.is_(None),
        sa.or_(token.scope == "admin", there),
    )


def _use(connection: Connection, token_id: str, now: Micros) -> None:
    connection.execute(
        sa.update(t.token).where(t.token.c.token_id == token_id).values(last_used_at=now)
    )


def _tokens() -> sa.Select[Any]:
    columns = ("token_id", "name", "agent_id", "created_at", "last_used_at", "revoked_at")
    return sa.select(*(t.token.c[name] for name in columns))


def _token(row: AnyRow) -> ApiToken:
    return ApiToken(
        row.token_id, row.name, row.agent_id, row.created_at, row.last_used_at, row.revoked_at
    )

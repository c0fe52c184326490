"""`Webhooks`, carried out by the storage functions: who is told what, up to where, and when next."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros, day_of
from agentcore.errors import NotFound, TooMany
from agentcore.records import SLEEP, Actor, AgentId, BlockId, TurnId
from agentcore.records.happenings import (
    DueCallback,
    DueWebhook,
    HappeningKind,
    HappeningPlace,
    Undelivered,
    Webhook,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api.happenings import read_place
from agentcore.sqlstore.content.blocks import versions_of_blocks
from agentcore.sqlstore.engine.database import AnyRow, Database
from agentcore.sqlstore.service.audit import write_audit

MOST = 10
"""Webhooks of one agent."""
SENT = "tell webhook"
"""What the audit calls it, once a day, when a person's agent tells somebody what is said to it."""
_TELLER = Actor("api", "webhook")


class SqlWebhooks:
    """`Webhooks` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, agent_id: AgentId, url: str, kinds: Sequence[HappeningKind], by: Actor
    ) -> tuple[Webhook, str]:
        now = self._clock.now()
        work = partial(create, agent_id=agent_id, url=url, kinds=kinds, by=by, now=now)
        return await self._database.write(work)

    async def list(self, agent_id: AgentId) -> Sequence[Webhook]:
        return await self._database.read(partial(read_all, agent_id=agent_id))

    async def remove(self, agent_id: AgentId, webhook_id: str) -> None:
        await self._database.write(partial(remove, agent_id=agent_id, webhook_id=webhook_id))

    async def enable(self, agent_id: AgentId, webhook_id: str) -> Webhook:
        return await self._database.write(partial(enable, agent_id=agent_id, webhook_id=webhook_id))

    async def any(self) -> bool:
        return await self._database.read(_any)

    async def due(self, *, limit: int, hold: Micros) -> Sequence[DueWebhook]:
        now = self._clock.now()
        if not await self._database.read(partial(_find_due, now=now, limit=1)):
            return ()
        return await self._database.write(partial(take_due, now=now, limit=limit, hold=hold))

    async def told(
        self,
        webhook_id: str,
        place: HappeningPlace,
        *,
        hold: Micros | None,
        delivered: bool = True,
    ) -> bool:
        now = self._clock.now()
        until = None if hold is None else Micros(now + hold)
        work = told if delivered else passed_over
        return await self._database.write(
            partial(work, webhook_id=webhook_id, place=place, until=until, now=now)
        )

    async def failed(self, webhook_id: str, how: Undelivered) -> None:
        now = self._clock.now()
        await self._database.write(partial(failed, webhook_id=webhook_id, how=how, now=now))

    async def due_callbacks(self, *, limit: int, hold: Micros) -> Sequence[DueCallback]:
        now = self._clock.now()
        if not await self._database.read(partial(_find_callbacks, now=now, limit=1)):
            return ()
        work = partial(take_callbacks, now=now, limit=limit, hold=hold)
        return await self._database.write(work)

    async def called_back(self, turn_id: TurnId, how: Undelivered | None = None) -> None:
        now = self._clock.now()
        await self._database.write(partial(called_back, turn_id=turn_id, how=how, now=now))


def create(
    connection: Connection,
    agent_id: AgentId,
    url: str,
    kinds: Sequence[HappeningKind],
    by: Actor,
    now: Micros,
) -> tuple[Webhook, str]:
    """See `Webhooks.create`."""
    hook, secret = t.webhook, f"whsec_{secrets.token_urlsafe(32)}"
    place = read_place(connection, agent_id)
    if len(read_all(connection, agent_id)) >= MOST:
        msg = f"An agent has {MOST} webhooks at most. Delete one first."
        raise TooMany(msg)
    webhook_id = f"webhook-{secrets.token_hex(16)}"
    connection.execute(
        sa.insert(hook).values(
            agent_id=agent_id,
            webhook_id=webhook_id,
            url=url,
            kinds=list(kinds),
            secret=secret,
            created_at=now,
            **_placed(place),
        )
    )
    write_audit(connection, by, SENT, agent_id, now)
    return _webhook(_row(connection, agent_id, webhook_id)), secret


def _placed(place: HappeningPlace) -> dict[str, Any]:
    return {
        "message": place.message,
        "turn": place.turn,
        "blocks": dict(place.blocks),
        "versions": sum(place.blocks.values()),
    }


def _row(connection: Connection, agent_id: AgentId, webhook_id: str) -> AnyRow:
    hook = t.webhook
    row = connection.execute(
        sa.select(hook).where(hook.c.agent_id == agent_id, hook.c.webhook_id == webhook_id)
    ).one_or_none()
    if row is None:
        msg = f"There is no webhook {webhook_id} of {agent_id}."
        raise NotFound(msg)
    return row


def _webhook(row: AnyRow) -> Webhook:
    return Webhook(
        webhook_id=row.webhook_id,
        agent_id=row.agent_id,
        url=row.url,
        kinds=tuple(row.kinds),
        created_at=row.created_at,
        failing_since=row.failing_since,
        tries=row.tries,
        next_at=row.next_at,
        status=row.status,
        error=row.error,
        disabled_at=row.disabled_at,
        reason=row.reason,
    )


def read_all(connection: Connection, agent_id: AgentId) -> Sequence[Webhook]:
    """See `Webhooks.list`."""
    hook = t.webhook
    rows = connection.execute(
        sa.select(hook)
        .where(hook.c.agent_id == agent_id)
        .order_by(hook.c.created_at, hook.c.webhook_id)
    )
    return [_webhook(row) for row in rows]


def remove(connection: Connection, agent_id: AgentId, webhook_id: str) -> None:
    """See `Webhooks.remove`."""
    _row(connection, agent_id, webhook_id)
    connection.execute(sa.delete(t.webhook).where(t.webhook.c.webhook_id == webhook_id))


_WELL: dict[str, Any] = {
    "failing_since": None,
    "tries": 0,
    "next_at": None,
    "error": None,
    "disabled_at": None,
    "reason": None,
}


def enable(connection: Connection, agent_id: AgentId, webhook_id: str) -> Webhook:
    """See `Webhooks.enable`."""
    _row(connection, agent_id, webhook_id)
    connection.execute(
        sa.update(t.webhook).where(t.webhook.c.webhook_id == webhook_id).values(**_WELL)
    )
    return _webhook(_row(connection, agent_id, webhook_id))


def _any(connection: Connection) -> bool:
    hook, turn = t.webhook, t.turn
    hooks = sa.select(hook.c.webhook_id).where(hook.c.disabled_at.is_(None)).limit(1)
    wanted = sa.select(turn.c.number).where(
        turn.c.callback_url.is_not(None), turn.c.called_back_at.is_(None)
    )
    return any(connection.execute(each).scalar() is not None for each in (hooks, wanted.limit(1)))


def _find_due(connection: Connection, now: Micros, limit: int) -> Sequence[str]:
    hook, lease, turn = t.webhook, t.agent_lease, t.turn
    ended = sa.exists().where(
        turn.c.agent_id == hook.c.agent_id,
        turn.c.number > hook.c.turn,
        turn.c.finished_at.is_not(None),
        turn.c.kind != SLEEP,
        sa.or_(lease.c.open_turn.is_(None), turn.c.number < lease.c.open_turn),
    )
    news = sa.or_(
        lease.c.message_seq > hook.c.message,
        versions_of_blocks(lease.c.agent_id) != hook.c.versions,
        ended,
    )
    return (
        connection.execute(
            sa.select(hook.c.webhook_id)
            .join(lease, lease.c.agent_id == hook.c.agent_id)
            .where(
                hook.c.disabled_at.is_(None),
                sa.or_(hook.c.held_until.is_(None), hook.c.held_until <= now),
                sa.or_(hook.c.next_at.is_(None), hook.c.next_at <= now),
                news,
            )
            .limit(limit)
        )
        .scalars()
        .all()
    )


def take_due(connection: Connection, now: Micros, limit: int, hold: Micros) -> Sequence[DueWebhook]:
    """See `Webhooks.due`."""
    hook = t.webhook
    taken = connection.execute(
        sa.update(hook)
        .where(
            hook.c.webhook_id.in_(_find_due(connection, now, limit)),
            sa.or_(hook.c.held_until.is_(None), hook.c.held_until <= now),
        )
        .values(held_until=now + hold)
        .returning(*hook.c)
    ).all()
    return [
        DueWebhook(
            _webhook(row),
            row.secret,
            HappeningPlace(
                row.message, row.turn, {BlockId(each): v for each, v in row.blocks.items()}
            ),
        )
        for row in taken
    ]


def told(
    connection: Connection,
    webhook_id: str,
    place: HappeningPlace,
    until: Micros | None,
    now: Micros,
) -> bool:
    """See `Webhooks.told`. That a person's agent tells somebody, the person sees, once a day."""
    hook, agent = t.webhook, t.agent
    of_a_person = sa.exists().where(
        agent.c.agent_id == hook.c.agent_id, agent.c.owner_kind != "api"
    )
    row = connection.execute(
        sa.update(hook)
        .where(hook.c.webhook_id == webhook_id)
        .values(**_placed(place), **_WELL, status=200, held_until=until)
        .returning(hook.c.agent_id, hook.c.audited_on, of_a_person.label("of_a_person"))
    ).one_or_none()
    if row is not None and row.of_a_person and row.audited_on != day_of(now):
        write_audit(connection, _TELLER, SENT, row.agent_id, now)
        connection.execute(
            sa.update(hook).where(hook.c.webhook_id == webhook_id).values(audited_on=day_of(now))
        )
    return row is not None


def release_webhooks(connection: Connection) -> None:
    """Whoever was telling somebody something is gone."""
    hook, turn = t.webhook, t.turn
    connection.execute(
        sa.update(hook).where(hook.c.held_until.is_not(None)).values(held_until=None)
    )
    connection.execute(
        sa.update(turn)
        .where(turn.c.callback_url.is_not(None), turn.c.called_back_at.is_(None))
        .values(callback_due_at=None)
    )


def passed_over(
    connection: Connection,
    webhook_id: str,
    place: HappeningPlace,
    until: Micros | None,
    now: Micros,  # noqa: ARG001 (as `told` has it)
) -> bool:
    """What came next was none of its business."""
    hook = t.webhook
    passed = connection.execute(
        sa.update(hook)
        .where(hook.c.webhook_id == webhook_id)
        .values(**_placed(place), held_until=until)
    )
    return passed.rowcount > 0


def failed(connection: Connection, webhook_id: str, how: Undelivered, now: Micros) -> None:
    """See `Webhooks.failed`."""
    hook = t.webhook
    connection.execute(
        sa.update(hook)
        .where(hook.c.webhook_id == webhook_id)
        .values(
            held_until=None,
            next_at=how.again_at,
            failing_since=sa.func.coalesce(hook.c.failing_since, now),
            tries=hook.c.tries + 1,
            status=how.status,
            error=how.error,
            disabled_at=now if how.again_at is None else None,
            reason=how.reason,
        )
    )


def _find_callbacks(connection: Connection, now: Micros, limit: int) -> Sequence[TurnId]:
    turn = t.turn
    return (
        connection.execute(
            sa.select(turn.c.turn_id)
            .where(
                turn.c.callback_url.is_not(None),
                turn.c.called_back_at.is_(None),
                turn.c.finished_at.is_not(None),
                sa.or_(turn.c.callback_due_at.is_(None), turn.c.callback_due_at <= now),
            )
            .order_by(turn.c.finished_at)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def take_callbacks(
    connection: Connection, now: Micros, limit: int, hold: Micros
) -> Sequence[DueCallback]:
    """See `Webhooks.due_callbacks`."""
    turn = t.turn
    taken = connection.execute(
        sa.update(turn)
        .where(
            turn.c.turn_id.in_(_find_callbacks(connection, now, limit)),
            sa.or_(turn.c.callback_due_at.is_(None), turn.c.callback_due_at <= now),
        )
        .values(callback_due_at=now + hold)
        .returning(
            turn.c.agent_id,
            turn.c.turn_id,
            turn.c.callback_url,
            turn.c.callback_tries,
            turn.c.finished_at,
        )
    )
    return [DueCallback(*row) for row in taken]


def called_back(
    connection: Connection, turn_id: TurnId, how: Undelivered | None, now: Micros
) -> None:
    """See `Webhooks.called_back`."""
    turn = t.turn
    over = how is None or how.again_at is None
    connection.execute(
        sa.update(turn)
        .where(turn.c.turn_id == turn_id)
        .values(
            called_back_at=now if over else None,
            callback_due_at=None if how is None else how.again_at,
            callback_tries=turn.c.callback_tries + 1,
        )
    )

"""`Chats` over a `Database`."""

from __future__ import annotations

from functools import partial

from agentcore.records import Address, ChatChange, IdentityKey, SentButtons
from agentcore.sqlstore.chats import events
from agentcore.sqlstore.chats.buttons import read_buttons
from agentcore.sqlstore.chats.listening import listens
from agentcore.sqlstore.chats.withdrawing import is_known
from agentcore.sqlstore.engine.database import Database
from agentcore.store.gate import Composer


class SqlChats:
    """`Chats` over any `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def buttons(self, nonce: str, presser: IdentityKey) -> SentButtons | None:
        return await self._database.read(partial(read_buttons, nonce=nonce, presser=presser))

    async def listens(self, home: Address) -> bool:
        return await self._database.read(partial(listens, home=home))

    async def note(self, change: ChatChange, composer: Composer) -> bool:
        if change.kind == "withdrawn" and not await self._database.read(
            partial(is_known, home=change.home, message_id=change.message_id or "")
        ):  # most of what people delete was never for us
            return False
        return await self._database.write(partial(events.note, change=change, composer=composer))

"""`Chats` over a `Database`."""

from __future__ import annotations

from functools import partial

from agentcore.clock import Clock
from agentcore.records import Address, IdentityKey, SentButtons
from agentcore.sqlstore.buttons import read_buttons
from agentcore.sqlstore.database import Database
from agentcore.sqlstore.listening import listens


class SqlChats:
    """`Chats` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def buttons(self, nonce: str, presser: IdentityKey) -> SentButtons | None:
        return await self._database.read(partial(read_buttons, nonce=nonce, presser=presser))

    async def listens(self, home: Address) -> bool:
        return await self._database.read(partial(listens, home=home))

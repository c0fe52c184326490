"""`adapters.base.AdapterState`, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.addresses import ChatAddress
from agentcore.records import Address
from agentcore.store import Store

MAX_VALUE = 64 * 1024


class StoredState:
    """The small durable values of the adapter of one name."""

    def __init__(self, store: Store, adapter: str) -> None:
        self._store = store
        self._adapter = adapter

    async def get(self, key: str) -> str | None:
        return await self._store.get_state(self._adapter, key)

    async def put(self, key: str, value: str) -> None:
        """See `AdapterState.put`.

        Raises:
            ValueError: the value is longer than 64 kB.
        """
        if len(value.encode()) > MAX_VALUE:
            msg = f"the value of {key!r} is longer than {MAX_VALUE} bytes"
            raise ValueError(msg)
        await self._store.put_state(self._adapter, key, value)

    async def chats(self) -> Sequence[tuple[ChatAddress, str]]:
        kept = await self._store.chats_kept(self._adapter)
        return [(ChatAddress.parse(address), value) for address, value in kept]

    async def put_chat(self, address: ChatAddress, value: str) -> None:
        await self._store.keep_chat(self._adapter, Address(str(address)), value)

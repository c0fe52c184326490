"""Which messages are previews still, or the answers that took them over: kept over a restart.

Invariant: a preview that became a chunk stays known with the chunk's nonce until the place's next
chunk. So a chunk that is sent again, because nobody knows whether it arrived or because the
process died, is put in the place of the same message and is not seen twice. Where a platform drops
repeats, a preview is known before it is posted, by its own nonce, and so is found again after a kill.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import astuple, dataclass, replace

import anyio
import structlog

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import Outbound

_log = structlog.get_logger(__name__)

KEY = "previews"
MOST = 200


@dataclass(frozen=True, slots=True)
class OpenPreview:
    """A message of ours. `nonce` is that of the chunk it became, empty while it is a preview;
    `reply_to` the message that it is shown to answer. Without `message_id`, it may have been posted:
    with the nonce `posted_as`, at the moment `posted_at`, in seconds since 1970.
    """

    message_id: str
    nonce: str = ""
    reply_to: str | None = None
    posted_as: str = ""
    posted_at: float = 0.0


class OpenPreviews:
    def __init__(self, state: AdapterState) -> None:
        self._state = state
        self._open: OrderedDict[str, OpenPreview] = OrderedDict()
        self._writing = anyio.Lock()

    async def load(self) -> None:
        """Begin with what an earlier run left."""
        try:
            rows = json.loads(await self._state.get(KEY) or "[]")
            self._open = OrderedDict(
                (str(address), OpenPreview(name, nonce, reply, posted_as, float(posted_at)))
                for address, name, nonce, reply, posted_as, posted_at in rows
            )
        except (ValueError, TypeError):
            _log.warning("what is kept of previews can't be read; they stay as they are")
            self._open = OrderedDict()

    def of(self, address: ChatAddress) -> OpenPreview | None:
        """The message whose text may still change."""
        found = self._open.get(str(address))
        return None if found is None or found.nonce or not found.message_id else found

    def perhaps_posted(self, address: ChatAddress) -> OpenPreview | None:
        """One whose id isn't known."""
        found = self._open.get(str(address))
        return None if found is None or found.message_id else found

    def for_chunk(self, address: ChatAddress, nonce: str) -> OpenPreview | None:
        """The message that this chunk is to take over, or has taken over."""
        found = self._open.get(str(address))
        known = found is not None and found.message_id
        return found if known and found and found.nonce in {"", nonce} else None

    async def put(self, address: ChatAddress, preview: OpenPreview) -> None:
        """Durable when it returns."""
        self._open[str(address)] = preview
        self._open.move_to_end(str(address))
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        await self._write()

    async def drop(self, address: ChatAddress) -> None:
        """Its message is no preview any more."""
        if self._open.pop(str(address), None) is not None:
            await self._write()

    def forget(self, address: ChatAddress) -> None:
        """As `drop`, and written down with the next change: until then it does no harm."""
        self._open.pop(str(address), None)

    async def grow(
        self,
        address: ChatAddress,
        *,
        reply_to: int | None,
        edit: Callable[[int], Awaitable[bool]],
        post: Callable[[], Awaitable[int]],
        posted_as: str = "",
        now: float = 0.0,
    ) -> None:
        """Show a state of an answer in its preview's place, or as a message that is one now. With
        `posted_as`, it is known by that nonce before it is posted.
        """
        found = self.of(address)
        if found is not None and await edit(int(found.message_id)):
            return
        answers = None if reply_to is None else str(reply_to)
        preview = OpenPreview("", "", answers, posted_as, now)
        if posted_as and self.perhaps_posted(address) is None:
            await self._announce(address, preview)
        message_id = await post()
        await self.put(address, replace(preview, message_id=str(message_id)))

    async def _announce(self, address: ChatAddress, preview: OpenPreview) -> None:
        """What can't be written down isn't posted."""
        try:
            await self.put(address, preview)
        except BaseException:
            self.forget(address)
            raise

    async def become(
        self,
        chunk: Outbound,
        *,
        reply_to: int | None,
        edit: Callable[[int], Awaitable[bool]],
        remove: Callable[[int], Awaitable[None]],
    ) -> int | None:
        """Put the chunk in its preview's place and give the message's id; None if there is no such
        message any more. May be repeated. A text can't become a file, nor a reply to another
        message than `reply_to`: then the preview goes for what comes.
        """
        preview = self.for_chunk(chunk.address, chunk.nonce)
        if preview is None:
            self.forget(chunk.address)
            return None
        message_id = int(preview.message_id)
        if chunk.file is not None or _answers_another(reply_to, preview):
            await remove(message_id)
        elif await edit(message_id):
            await self.put(chunk.address, replace(preview, nonce=chunk.nonce))
            return message_id
        await self.drop(chunk.address)
        return None

    async def _write(self) -> None:
        async with self._writing:
            rows = [[place, *astuple(each)] for place, each in self._open.items()]
            await self._state.put(KEY, json.dumps(rows, separators=(",", ":")))


def _answers_another(reply_to: int | None, preview: OpenPreview) -> bool:
    """Whether the preview is shown to answer what the chunk doesn't. What it became, it stays."""
    if preview.nonce or reply_to is None:
        return False
    return str(reply_to) != preview.reply_to

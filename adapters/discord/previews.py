"""Answers in the making on Discord: messages that grow."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from adapters.addresses import ChatAddress
from adapters.delivery import (
    ChatUnreachable,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    TemporaryFailure,
)
from adapters.discord.letters import Letter, preview_letter
from adapters.discord.writing import Desk, is_group
from adapters.push.latest import Latest
from adapters.push.open_previews import OpenPreviews
from adapters.push.places import Place
from adapters.push.previews import Frame
from adapters.push.timing import Time

_log = structlog.get_logger(__name__)

BETWEEN_EDITS = 1.3
BETWEEN_EDITS_IN_SERVERS = 2.5
"""More, for others may be answered there too, and all bots share what a channel takes."""
MOST_LOST = 500
NONCES_HOLD = 240.0
"""Seconds; Discord says "the past few minutes"."""


class DiscordScreen:
    """For one run of the adapter. See `previews.Screen`. Of a preview that nobody knows has
    arrived, the letter is kept, and since when.
    """

    def __init__(
        self, desk: Desk, opened: OpenPreviews, time: Time, date: Callable[[], float]
    ) -> None:
        self._desk = desk
        self._open = opened
        self._time = time
        self._date = date
        self._lost: Latest[ChatAddress, tuple[Letter, float]] = Latest(MOST_LOST)

    def between(self, address: ChatAddress, _place: Place) -> float:
        return BETWEEN_EDITS_IN_SERVERS if is_group(address) else BETWEEN_EDITS

    def has_room(self, address: ChatAddress, _place: Place) -> bool:
        return self._desk.has_room(address)

    async def show(self, frame: Frame) -> bool:
        address = frame.address
        if not self._desk.has_room(address):
            return False
        frame.place.shown_at = self._time.now()
        letter = preview_letter(
            frame.piece,
            nonce=f"preview {address} {frame.turn} {frame.chunks}",
            reply_to=frame.place.question(group=is_group(address)),
        )
        posted = self._open.perhaps_posted(address)
        if posted is not None and posted.posted_as != letter.nonce:
            await self.find(address)
        await self._grow(address, letter)
        return True

    async def find(self, address: ChatAddress) -> None:
        """Before an answer: a preview that may have arrived is known after this. By its nonce it is
        found again, or else made.

        Raises:
            TemporaryFailure: not yet.
        """
        letter, since = self._lost.get(address, (None, 0.0))
        if letter is None:
            letter, since = self._left_behind(address)
        if letter is None:
            return
        if self._time.now() > since + NONCES_HOLD:
            self._lost.pop(address, None)
            await self._open.drop(address)
            return
        try:
            await self._grow(address, letter)
        except OutcomeUnknown as error:
            raise TemporaryFailure("a preview may have arrived") from error
        except (MessageRejected, ChatUnreachable) as error:
            self._lost.pop(address, None)
            await self._open.drop(address)
            _log.info("a preview was refused", error=type(error).__name__)

    def _left_behind(self, address: ChatAddress) -> tuple[Letter | None, float]:
        """What an earlier process may have posted, and since when: what it said is forgotten, but by
        its nonce it is found.
        """
        found = self._open.perhaps_posted(address)
        if found is None or not found.posted_as:
            return None, 0.0
        reply_to = None if found.reply_to is None else int(found.reply_to)
        letter = Letter("…", "…", found.posted_as, reply_to=reply_to)
        return letter, self._time.now() - (self._date() - found.posted_at)

    async def _grow(self, address: ChatAddress, letter: Letter) -> None:
        await self._open.grow(
            address,
            reply_to=letter.reply_to,
            edit=lambda message_id: self._desk.edit(address, message_id, letter),
            post=lambda: self._posted(address, letter),
            posted_as=letter.nonce,
            now=self._date(),
        )

    async def _posted(self, address: ChatAddress, letter: Letter) -> int:
        again = address in self._lost
        if not again:
            self._lost[address] = (letter, self._time.now())
        try:
            message_id = await self._post_twice(address, letter)
        except (RateLimited, MessageRejected, ChatUnreachable):
            if not again:  # else an earlier try may have arrived all the same
                self._lost.pop(address, None)
                await self._open.drop(address)
            raise
        self._lost.pop(address, None)
        return message_id

    async def _post_twice(self, address: ChatAddress, letter: Letter) -> int:
        try:
            return await self._desk.post(address, letter, elsewhere=False)
        except OutcomeUnknown:
            return await self._desk.post(address, letter, elsewhere=False)

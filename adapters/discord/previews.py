"""Answers in the making on Discord: messages that grow."""

from __future__ import annotations

from adapters.addresses import ChatAddress
from adapters.delivery import OutcomeUnknown, Piece
from adapters.discord.letters import Letter, preview_letter
from adapters.discord.pieces import MAX_TEXT, first_piece
from adapters.discord.writing import Desk, is_group
from adapters.open_previews import OpenPreviews
from adapters.places import Place
from adapters.previews import Frame
from adapters.timing import Time

BETWEEN_EDITS = 1.3
BETWEEN_EDITS_IN_SERVERS = 2.5
"""More, for others may be answered there too, and all bots share what a channel takes."""


class DiscordScreen:
    """For one run of the adapter. See `previews.Screen`."""

    most_read = 3 * MAX_TEXT

    def __init__(self, desk: Desk, opened: OpenPreviews, time: Time) -> None:
        self._desk = desk
        self._open = opened
        self._time = time

    def between(self, address: ChatAddress, _place: Place) -> float:
        return BETWEEN_EDITS_IN_SERVERS if is_group(address) else BETWEEN_EDITS

    def has_room(self, address: ChatAddress, _place: Place) -> bool:
        return self._desk.has_room(address)

    def first_piece(self, markdown: str) -> Piece | None:
        return first_piece(markdown)

    async def show(self, frame: Frame) -> bool:
        address = frame.address
        if not self._desk.has_room(address):
            return False
        frame.place.shown_at = self._time.now()
        letter = preview_letter(
            frame.piece,
            nonce=f"preview {address} {frame.turn} {frame.chunks}",
            reply_to=_question(address, frame.place),
        )
        await self._open.grow(
            address,
            reply_to=letter.reply_to,
            edit=lambda message_id: self._desk.edit(address, message_id, letter),
            post=lambda: self._posted(address, letter),
        )
        return True

    async def _posted(self, address: ChatAddress, letter: Letter) -> int:
        """By its nonce, a message that may have arrived is found again at once."""
        try:
            return await self._desk.post(address, letter)
        except OutcomeUnknown:
            return await self._desk.post(address, letter)


def _question(address: ChatAddress, place: Place) -> int | None:
    """On a server, what is probably being answered; if it wasn't that, the answer won't edit it."""
    newest = place.newest or ""
    return int(newest) if is_group(address) and newest.isdecimal() else None

"""What people do, each thing in its place of the order of its chat.

A place is taken before anything waits, so a chat's things are taken in as they came: first what was
missed, then what has come since.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import discord
import structlog
from anyio.abc import TaskGroup

from adapters.addresses import ChatAddress
from adapters.discord.acquaintances import Acquaintances
from adapters.discord.addresses import Addresses
from adapters.discord.gateway import Raw
from adapters.discord.happenings import Happenings
from adapters.discord.intake import Intake
from adapters.discord.meaning import Ignored, Malformed, Meaning, Said, Unplaced
from adapters.discord.messages import Reader
from adapters.discord.order import Order
from adapters.discord.payloads import Deletion, Message
from adapters.discord.rooms import KnownRooms
from adapters.discord.sessions import Sessions
from adapters.discord.watermark import Watermark
from adapters.discord.whereabouts import Whereabouts
from adapters.events import ChatEvent

_Checked = TypeVar("_Checked", Message, Deletion)

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, eq=False)
class Listening:
    """`HearsPeople`, for as long as receiving runs."""

    tasks: TaskGroup
    order: Order
    addresses: Addresses
    rooms: KnownRooms
    reader: Reader
    intake: Intake
    acquaintances: Acquaintances
    whereabouts: Whereabouts
    watermark: Watermark
    sessions: Sessions
    happenings: Happenings
    take_interaction: Callable[[discord.Interaction], Awaitable[None]]
    _malformed: int = 0

    def said(self, raw: Raw) -> None:
        message = self._checked(self.reader.message, raw)
        if message is not None:
            self.watermark.take(message.id)
            if message.guild_id is None:
                self.sessions.hurry(message.channel_id)
            self.sessions.once_settled(message.guild_id, lambda: self._said(message))

    def _said(self, message: Message) -> None:
        self._read(message, self.reader.said, lambda: self.watermark.done(message.id))

    def edited(self, raw: Raw) -> None:
        message = self._checked(self.reader.message, raw)
        if message is not None:
            self.sessions.once_settled(message.guild_id, lambda: self._edited(message))

    def _edited(self, message: Message) -> None:
        self._read(message, self.reader.edited, lambda: None)

    def _read(
        self, message: Message, read: Callable[[Message], Meaning], done: Callable[[], None]
    ) -> None:
        try:
            meaning = read(message)
        except Unplaced:
            self.tasks.start_soon(self._take_unplaced, message, read, done)
            return
        except Malformed as error:
            self._pass_over(error)
            done()
            return
        match meaning:
            case Said():
                self.tasks.start_soon(self._take, message, meaning, done)
            case Ignored():
                done()

    async def _take(self, message: Message, said: Said, done: Callable[[], None]) -> None:
        async with self.order.of(said.inbound.address):
            await self.intake.said(message, said)
        done()

    async def _take_unplaced(
        self, message: Message, read: Callable[[Message], Meaning], done: Callable[[], None]
    ) -> None:
        """In the place of the channel as one by itself, until it is known whose thread it is."""
        here = self.addresses.of_channel(message.channel_id)
        async with self.order.of(here):
            self.rooms.learn(message.channel_id, await self.whereabouts.room(message.channel_id))
            try:
                meaning = read(message)
            except Malformed as error:
                self._pass_over(error)
                meaning = Ignored("malformed")
            if isinstance(meaning, Said) and meaning.inbound.address.home != here:
                await self._take(message, meaning, done)
                return
            if isinstance(meaning, Said):
                await self.intake.said(message, meaning)
            done()

    def deleted(self, raw: Raw) -> None:
        deletion = self._checked(self.reader.deletion, raw)
        if deletion is not None:
            self.sessions.once_settled(deletion.guild_id, lambda: self._deleted(deletion))

    def _deleted(self, deletion: Deletion) -> None:
        if deletion.guild_id is not None:
            room = self.rooms.room(deletion.channel_id)
            home = self.addresses.of_channel(deletion.channel_id)
            self.happenings.note(_withdrawn(deletion, home if room is None else room.address))
        elif (person := self.acquaintances.person(deletion.channel_id)) is not None:
            self.happenings.note(_withdrawn(deletion, self.addresses.of_person(person)))
        else:
            self.tasks.start_soon(self._deleted_somewhere, deletion)

    async def _deleted_somewhere(self, deletion: Deletion) -> None:
        address = await self.whereabouts.private(deletion.channel_id)
        if address is not None:
            await self.happenings.hand_on(_withdrawn(deletion, address))

    def _checked(self, check: Callable[[Raw], _Checked], raw: Raw) -> _Checked | None:
        try:
            return check(raw)
        except Malformed as error:
            self._pass_over(error)
            return None

    def _pass_over(self, error: Malformed) -> None:
        self._malformed += 1
        _log.error("an event was passed over", why=str(error), so_far=self._malformed)

    def interaction(self, interaction: discord.Interaction) -> None:
        channel = interaction.channel_id
        if interaction.context.dm_channel and channel is not None:
            self.sessions.hurry(channel)
            self.tasks.start_soon(self._meet, channel, interaction.user.id)
        self.tasks.start_soon(self._interact, interaction)

    async def _meet(self, channel: int, person: int) -> None:
        """Begun first: it may be just now that they ask to be erased."""
        try:
            await self.acquaintances.met(channel, person)
        except Exception as error:  # noqa: BLE001 - a busy database; it is tried again the next time
            _log.warning("an acquaintance wasn't kept", error=type(error).__name__)

    async def _interact(self, interaction: discord.Interaction) -> None:
        try:
            await self.take_interaction(interaction)
        except Exception as error:  # noqa: BLE001 - one that fails ends nothing else
            _log.error("an interaction failed", error=type(error).__name__)


def _withdrawn(deletion: Deletion, address: ChatAddress) -> list[ChatEvent]:
    ids = deletion.ids if deletion.id is None else (deletion.id,)
    return [
        ChatEvent(f"deleted:{each}", address, "withdrawn", message_id=str(each)) for each in ids
    ]

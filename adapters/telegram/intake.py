"""Taking an update in: read it, hand it to the service, and only then is it done.

Used by both ways in, `polling` and `webhook`, which acknowledge what this has taken in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import anyio
import structlog
from telegram import Bot
from telegram.error import TelegramError

from adapters.base import AdapterContext, Inbound, Receipt
from adapters.events import ChatEvent
from adapters.push.alongside import alongside
from adapters.push.downloads import Downloads
from adapters.push.labels import cut_off
from adapters.telegram.admins import Admins
from adapters.telegram.albums import Begun, as_one
from adapters.telegram.downloads import fetched
from adapters.telegram.lanes import Job
from adapters.telegram.meaning import (
    Ignored,
    Malformed,
    Meaning,
    Pressed,
    Reacted,
    Said,
)
from adapters.telegram.sending import Sending
from adapters.telegram.settings import Pace
from adapters.telegram.updates import Reader

_LONGEST_ANSWER = 200

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Tally:
    """What has come in, in numbers."""

    taken: int = 0
    malformed: int = 0


class Intake:
    """Takes updates in. Its calls for one chat are made one after the other."""

    def __init__(
        self, context: AdapterContext, bot: Bot, reader: Reader, sending: Sending, pace: Pace
    ) -> None:
        self._context = context
        self._bot = bot
        self._reader = reader
        self._sending = sending
        self._pace = pace
        self._downloads = Downloads(partial(fetched, bot), pace.first_pause)
        self._admins = Admins(bot)
        self._begun = Begun()
        self.tally = Tally()

    async def take(self, jobs: Sequence[Job]) -> None:
        """One update, or the parts of one album. When it returns, they are stored for good, or
        nothing that could be.

        Raises:
            Exception: whatever the service raised: they aren't stored.
        """
        meanings = [meaning for job in jobs if (meaning := self._read(job)) is not None]
        if said := [meaning for meaning in meanings if isinstance(meaning, Said)]:
            await self._message(jobs[0].album, as_one(said))
        for meaning in meanings:
            match meaning:
                case Pressed():
                    await self._pressed(meaning)
                case ChatEvent():
                    await self._context.events.note(meaning)
                case Said() | Reacted() | Ignored():
                    pass
        self.tally.taken += len(jobs)

    def _read(self, job: Job) -> Meaning | None:
        try:
            return self._reader.read(job.raw)
        except Malformed as error:
            self.tally.malformed += 1
            _log.error(
                "an update was passed over",
                update=job.update_id,
                why=str(error),
                so_far=self.tally.malformed,
            )
            return None

    async def _message(self, album: str | None, said: Said) -> None:
        """A message, or as much of an album as has come."""
        if album is not None and self._begun.has_said(album, said):
            return
        await self._said(said)
        if album is not None:
            self._begun.note(album)

    async def _said(self, said: Said) -> None:
        inbound = said.inbound
        if inbound.message_id is not None and not inbound.edited:
            self._sending.heard(inbound.address, inbound.message_id)
        if said.files:
            inbound = await self._downloads.added(inbound, said.files)
        if said.asks_admin:
            inbound = await self._with_say(inbound)
        await self._context.service.accept(inbound)

    async def _with_say(self, inbound: Inbound) -> Inbound:
        sender = inbound.sender
        admin = await self._admins.is_admin(inbound.address.chat, sender.external_id)
        return replace(inbound, sender=replace(sender, admin=admin))

    async def _pressed(self, press: Pressed) -> None:
        """Hand it in, and answer the press: with what it was refused for, else with nothing."""
        answered = anyio.Event()
        async with alongside() as tasks:
            tasks.start_soon(self._answer_late, press, answered)
            outcome = await self._handed_in(press)
        refused = outcome.outcome == "refused"
        if press.inbound is not None and not refused and not outcome.buttons_stay:
            self._sending.pressed(press.inbound.address, press.message_id)
        if not answered.is_set():
            await self._answer(press, outcome.text if refused else "")

    async def _handed_in(self, press: Pressed) -> Receipt:
        if press.inbound is None:
            return Receipt("refused")
        inbound = press.inbound
        if inbound.audience == "chat":
            inbound = await self._with_say(inbound)
        return await self._context.service.accept(inbound)

    async def _answer_late(self, press: Pressed, answered: anyio.Event) -> None:
        await anyio.sleep(self._pace.answer)
        await self._answer(press, "")
        answered.set()

    async def _answer(self, press: Pressed, text: str) -> None:
        told = cut_off(text, _LONGEST_ANSWER) or None
        try:
            await self._bot.answer_callback_query(press.query_id, told, show_alert=bool(told))
        except TelegramError as error:  # too late, or nobody there: the press itself is taken in
            _log.info("a press went unanswered", error=type(error).__name__)


def as_job(raw: Mapping[str, Any]) -> Job | None:
    """The work that an update is, without reading more of it than whose it is; None: no update."""
    update_id = raw.get("update_id")
    if not isinstance(update_id, int) or isinstance(update_id, bool) or update_id <= 0:
        return None
    message = raw.get("message")
    album = message.get("media_group_id") if isinstance(message, dict) else None
    return Job(update_id, raw, _lane(raw), album if isinstance(album, str) else None)


def _lane(raw: Mapping[str, Any]) -> int | None:
    """The chat that an update is about; None for those of none."""
    for body in raw.values():
        if not isinstance(body, dict):
            continue
        message = body.get("message")
        for holder in (body, message if isinstance(message, dict) else {}):
            chat = holder.get("chat")
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
    return None

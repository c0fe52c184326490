"""What happens to chats, as the service carries it out: `adapters.events.ChatEvents`."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from adapters.addresses import ChatAddress
from adapters.events import ChatEvent
from agentcore.clock import Clock
from agentcore.records import Address, ChatChange, NoticeDraft
from agentcore.store import Store
from agentcore.store.gate import Composer
from bot.chat.gateway import Groups
from bot.texts import text_of
from bot.waking.hints import Hints

_log = structlog.get_logger(__name__)

_GREETINGS: Mapping[Groups, str] = {
    "off": "refused.groups_off",
    "shared": "group.joined_shared",
    "personal": "group.joined_personal",
}


class StoredChatEvents:
    """`ChatEvents` over the store. `groups`: who answers in chats of several."""

    def __init__(
        self, store: Store, composer: Composer, hints: Hints, clock: Clock, groups: Groups
    ) -> None:
        self._store = store
        self._composer = composer
        self._hints = hints
        self._clock = clock
        self._groups = groups

    async def note(self, event: ChatEvent) -> None:
        """See `ChatEvents.note`."""
        change = ChatChange(
            source=event.address.source,
            update_id=event.update_id,
            home=_home(event.address),
            kind=event.kind,
            at=self._clock.now(),
            language=event.language,
            message_id=event.message_id,
            moved_to=None if event.moved_to is None else _home(event.moved_to),
            greeting=self._greeting(event) if event.kind == "joined" else None,
            counts_as="groups_off" if self._groups == "off" else None,
        )
        if await self._store.chats.note(change, self._composer):
            _log.info("chat event", kind=event.kind)
        elif event.kind == "withdrawn":
            return
        self._hints.outbox.look()
        self._hints.work.look()

    def _greeting(self, event: ChatEvent) -> NoticeDraft:
        at = Address(str(event.address))
        if self._groups == "off":
            return NoticeDraft(at, _GREETINGS[self._groups])
        some = "group.hears_as_admin" if event.hears_as_admin else "group.hears_some"
        heard = "group.hears_all" if event.hears_all else some
        pieces = {"heard": text_of(heard, {}, event.language)}
        return NoticeDraft(at, _GREETINGS[self._groups], pieces)


def _home(address: ChatAddress) -> Address:
    return Address(str(address.home))

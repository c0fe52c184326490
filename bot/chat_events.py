"""What happens to chats, as the service carries it out: `adapters.events.ChatEvents`."""

from __future__ import annotations

import structlog

from adapters.events import ChatEvent

_log = structlog.get_logger(__name__)


class StoredChatEvents:
    """`ChatEvents` over the store."""

    async def note(self, event: ChatEvent) -> None:
        """See `ChatEvents.note`."""
        _log.info("chat event", kind=event.kind)

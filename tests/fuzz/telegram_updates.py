"""Updates as Telegram sends them, of every kind that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.telegram.updates import ALLOWED_UPDATES
from tests.simulators.telegram_server.people import Attachment
from tests.simulators.telegram_server.server import TelegramServer


def sound_updates(server: TelegramServer) -> Sequence[dict[str, Any]]:
    """What comes when people do all that the stand-in lets them do."""
    server.world.updates.allowed = frozenset(ALLOWED_UPDATES)
    ada, bob = server.person("Ada"), server.person("Bob")
    club = server.group("Club", ada, bob, supergroup=True)
    said = ada.writes("*Hello* \U0001f3a9 https://example.org and +49 170 1234567")
    ada.writes("in answer", reply_to=said, quote="Hello")
    ada.edits(said, "Hello again")
    ada.sends(Attachment("document", b"text", name="a.txt"), caption="see #this")
    ada.sends(Attachment("photo"), caption="look")
    ada.sends_album(Attachment("photo"), Attachment("photo"), caption="both")
    ada.sends_sticker()
    ada.sends_location(1.5, -2.5)
    ada.sends_contact("Cleo", "+49123")
    ada.forwards("news", of=bob)
    ada.forwards("secret news", of="Somebody")
    ada.forwards("club news", of=club)
    ada.reacts(said, "\U0001f44d")
    ada.presses_data(ada.chat, said, "a:1")
    bob.writes("/memory@" + server.bot.username, chat=club)
    ada.makes_bot_admin(club)
    return [dict(each.update) for each in server.world.updates.pending]

"""What a message means: its words, what they answer, what comes with them."""

from __future__ import annotations

import pytest

from adapters.base import InboundPart
from tests.adapters.discord.bot_at_work import BotAtWork
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer


@pytest.fixture
def ada(server: DiscordServer) -> Person:
    return server.person("Ada")


async def test_a_message_says_who_wrote_what_where_and_when(bot: BotAtWork, ada: Person) -> None:
    async with bot.running():
        number = ada.writes("Hello")
        (inbound,) = await bot.received(1)

    assert inbound.address == bot.addresses.of_person(ada.id)
    assert (inbound.sender.external_id, inbound.sender.display_name) == (str(ada.id), "Ada")
    assert inbound.sender.language is None
    assert inbound.parts == (InboundPart("Hello"),)
    assert inbound.update_id == inbound.message_id == str(number)
    assert (inbound.audience, inbound.addressed, inbound.edited) == ("private", True, False)
    assert bot.heard == [str(number)]

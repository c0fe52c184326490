"""Handing over to a service that isn't always there."""

from __future__ import annotations

from dataclasses import replace

from adapters.base import Inbound, Receipt
from adapters.testing import FakeService
from tests.adapters.discord.bot_at_work import BotAtWork
from tests.simulators.discord_server.people import Attachment, Person
from tests.simulators.discord_server.server import DiscordServer


async def test_what_cannot_be_stored_is_tried_again_in_its_place(
    bot: BotAtWork, ada: Person
) -> None:
    bot.service.fail_accepts(*[OSError("disk full")] * 4)
    bot.events.fail(OSError("disk full"))
    async with bot.running():
        first = ada.writes("one")
        ada.writes("two")
        ada.deletes(first)
        ada.writes("three")
        await bot.received(3)
        await bot.noted()

    assert bot.service.texts(bot.addresses.of_person(ada.id)) == ["one", "two", "three"]


async def test_a_chat_that_waits_holds_up_no_other(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    bob = server.person("Bob")
    async with bot.running():
        bot.service.close_gate(bot.addresses.of_person(ada.id))
        first = ada.writes("one")
        ada.edits(first, "one, changed")
        ada.deletes(first)
        bob.writes("hi")
        await bot.received(1)
        assert bot.events.noted == []
        bot.service.open_gate(bot.addresses.of_person(ada.id))
        await bot.received(3)
        await bot.noted()

    assert [each.edited for each in bot.service.accepted] == [False, False, True]


async def test_what_alone_can_never_be_stored_is_passed_over_in_the_end(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    bot.pace = replace(bot.pace, retry=0.0)
    bot.service = Poisoned()
    bob = server.person("Bob")
    async with bot.running():
        ada.writes("poison")
        bob.writes("hi")
        await bot.received(1)
        ada.writes("and this?")
        await bot.received(2)


class Poisoned(FakeService):
    """It never stores a certain text."""

    async def accept(self, inbound: Inbound) -> Receipt:
        if any(part.text == "poison" for part in inbound.parts):
            self.attempts.append(inbound)
            raise OSError("malformed")
        return await super().accept(inbound)


async def test_a_file_that_takes_long_keeps_its_place(bot: BotAtWork, ada: Person) -> None:
    async with bot.running():
        ada.attaches(Attachment("notes.txt", b"the notes"), text="one")
        ada.writes("two")
        one, _ = await bot.received(2)

    assert one.parts[0].text == "one"
    assert one.parts[1].text.endswith("the notes")

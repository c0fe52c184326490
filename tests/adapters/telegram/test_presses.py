"""Presses of buttons: handed in, answered at once, whatever becomes of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.base import Inbound, Receipt
from adapters.conformance import chunk
from adapters.delivery import Button
from adapters.telegram.adapter import TelegramAdapter
from adapters.testing import FakeService
from tests.adapters.telegram.bot_at_work import BotAtWork
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import TelegramServer


class PressedService(FakeService):
    """Takes presses in as the service does: `refusal` is said to all of them, unless empty;
    `taken` is what becomes of the others.
    """

    refusal = ""
    taken = Receipt("accepted")

    async def accept(self, inbound: Inbound) -> Receipt:
        receipt = await super().accept(inbound)
        if inbound.pressed is None:
            return receipt
        return Receipt("refused", text=self.refusal) if self.refusal else self.taken


@pytest.fixture
def bot(server: TelegramServer) -> BotAtWork:
    return BotAtWork(server, service=PressedService())


@pytest.fixture
def ada(server: TelegramServer) -> Person:
    ada = server.person("Ada")
    ada.chat.started = True
    return ada


async def offer(bot: BotAtWork, adapter: TelegramAdapter, chat: Chat) -> int:
    """A message with a button under it."""
    card = chunk(bot.address(chat.id), "Noted: tea")
    await adapter.send(replace(card, buttons=(Button("Undo", "abc:1"),)))
    return chat.from_bot[-1].message_id


async def test_a_press_is_handed_in_and_answered(bot: BotAtWork, ada: Person) -> None:
    async with bot.running() as adapter:
        message = await offer(bot, adapter, ada.chat)
        query = ada.presses_data(ada.chat, message, "abc:1")

        assert await ada.gets_answer_to(query) == {"text": "", "show_alert": False}
        await bot.server.until_confirmed()
        await bot.server.bell.until(lambda: not ada.chat.from_bot[-1].buttons)

    (press,) = bot.service.attempts
    assert (press.pressed, press.parts, press.message_id) == ("abc:1", (), None)
    assert press.address == bot.address(ada.id)
    assert press.sender.external_id == str(ada.id)


async def test_a_press_that_only_shows_something_leaves_its_keyboard(
    bot: BotAtWork, ada: Person
) -> None:
    assert isinstance(bot.service, PressedService)
    bot.service.taken = Receipt("accepted", buttons_stay=True)
    async with bot.running() as adapter:
        shown = await offer(bot, adapter, ada.chat)
        await ada.gets_answer_to(ada.presses_data(ada.chat, shown, "abc:1"))
        undone = await offer(bot, adapter, ada.chat)
        await ada.gets_answer_to(ada.presses_data(ada.chat, undone, "abc:1"))

    assert all(each.buttons == (("Undo",),) for each in ada.chat.from_bot)


async def test_a_press_that_is_refused_is_told_why_in_short(bot: BotAtWork, ada: Person) -> None:
    assert isinstance(bot.service, PressedService)
    bot.service.refusal = "This can't be undone. " * 20
    async with bot.running() as adapter:
        message = await offer(bot, adapter, ada.chat)
        answer = await ada.gets_answer_to(ada.presses_data(ada.chat, message, "abc:1"))

    assert answer["text"].startswith("This can't be undone.")
    assert len(answer["text"]) <= 200
    assert ada.chat.from_bot[-1].buttons == (("Undo",),)
    assert answer["show_alert"] is True


async def test_a_press_under_a_message_that_is_gone_is_handed_in_too(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    club = server.group("Club", ada)
    async with bot.running() as adapter:
        message = await offer(bot, adapter, club)
        club.records[message].deleted = True
        await ada.gets_answer_to(ada.presses_data(club, message, "abc:1"))

    (press,) = bot.service.attempts
    assert (press.address, press.audience) == (bot.address(club.id), "chat")
    assert press.sender.admin is True


async def test_a_press_that_could_not_be_stored_is_tried_again(bot: BotAtWork, ada: Person) -> None:
    bot.service.fail_accepts(OSError("disk full"))
    async with bot.running() as adapter:
        message = await offer(bot, adapter, ada.chat)
        await ada.gets_answer_to(ada.presses_data(ada.chat, message, "abc:1"))

    assert [each.pressed for each in bot.service.attempts] == ["abc:1", "abc:1"]


async def test_a_press_is_answered_while_the_database_is_busy(bot: BotAtWork, ada: Person) -> None:
    bot.pace = replace(bot.pace, answer=0.01)
    bot.service.close_gate(bot.address(ada.id))
    async with bot.running() as adapter:
        message = await offer(bot, adapter, ada.chat)
        query = ada.presses_data(ada.chat, message, "abc:1")

        assert await ada.gets_answer_to(query) == {"text": "", "show_alert": False}
        assert bot.server.world.updates.pending
        bot.service.open_gate(bot.address(ada.id))
        await bot.server.until_confirmed()

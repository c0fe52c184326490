"""How updates are fetched: what is acknowledged when, and what may go wrong on the way."""

from __future__ import annotations

from tests.adapters.telegram.bot_at_work import BotAtWork
from tests.simulators.telegram_server.server import TelegramServer


async def test_a_backlog_is_taken_in_whole_and_in_order(
    server: TelegramServer, bot: BotAtWork
) -> None:
    people = [server.person(name) for name in ("Ada", "Bob", "Cleo")]
    for number in range(250):
        people[number % 3].writes(f"line {number}")

    async with bot.running():
        await bot.accepted(250)
        await server.until_confirmed()

    for at, person in enumerate(people):
        lines = [f"line {number}" for number in range(at, 250, 3)]
        assert bot.service.texts(bot.address(person.id)) == lines

"""What happens in and to chats of Telegram, with a real service and Telegram's server on loopback."""

from __future__ import annotations

from anyio import to_thread

from tests.end_to_end.home import Home, served
from tests.end_to_end.test_telegram import PATIENCE, Town, ask, settings_for
from tests.simulators.telegram_server.people import Attachment
from tests.simulators.telegram_server.server import TelegramServer


async def test_the_invited_correct_themselves_and_are_known_in_a_group_wherever_it_moves(
    home: Home,
) -> None:
    async with TelegramServer() as telegram:
        settings = settings_for(telegram, "polling") | {"FAMILIAR_ACCESS": "pairing"}
        town = Town(telegram, Home(home.folder, settings))
        ada, bob = telegram.person("Ada"), telegram.person("Bob")
        group = telegram.group("Falcon", ada, bob, bot="left")
        at = f"@{telegram.bot.username}"

        async with served(town.home) as service:
            ada.writes("Hello?")
            await ada.chat.sees("This bot is private", within=PATIENCE)
            for person in (ada, bob):
                made = await to_thread.run_sync(town.home.run, "users", "invite")
                link = next(line for line in made.out.split() if "t.me/" in line)
                assert f"t.me/{telegram.bot.username}?start=" in link
                person.starts(link.partition("=")[2])
                await person.chat.sees("Who I can be", within=PATIENCE)

            first = ada.writes("My name is Ada and I live in Lisbon.")
            await ada.chat.sees("Noted", within=PATIENCE)
            ada.edits(first, "My name is Ada and I live in Porto.")
            await ada.chat.sees(
                lambda shown: "Noted" in shown.text and "Porto" in shown.text, within=PATIENCE
            )
            ada.sends(Attachment("voice"))
            await ada.chat.sees("I can't listen to voice messages yet", within=PATIENCE)

            ada.adds_bot(group)
            await group.sees("Mention me", within=PATIENCE)
            asked = bob.writes(f"{at} Remember that Falcon ships in May.", chat=group)
            await group.sees(lambda shown: shown.reply_to == asked, within=PATIENCE)
            bob.writes(f"/listen{at} on", chat=group)
            await group.sees("Only those who look after this group", within=PATIENCE)

            wide = ada.upgrades(group)
            bob.writes(f"/memory{at}", chat=wide)
            await wide.sees("Falcon ships in May", within=PATIENCE)
            assert "Porto" not in (await ask(bob, "Where do I live?", "")).text
            assert await to_thread.run_sync(service.stop) == 0

"""What the bot asks of Discord when it connects."""

from __future__ import annotations

import pytest

from tests.adapters.discord.bot_at_work import BotAtWork
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.intents import Intent
from tests.simulators.discord_server.server import DiscordServer

LEAST = Intent.GUILDS | Intent.GUILD_MESSAGES | Intent.DIRECT_MESSAGES


@pytest.mark.parametrize(
    ("content", "asked"), [(False, LEAST), (True, LEAST | Intent.MESSAGE_CONTENT)]
)
async def test_it_asks_for_the_least_and_for_contents_only_where_it_is_told_to(
    server: DiscordServer, *, content: bool, asked: Intent
) -> None:
    async with BotAtWork(server, message_content=content).running():
        (identify,) = server.gateway.sent(2)

    assert identify["d"]["intents"] == asked


async def test_over_several_connections_all_is_heard_as_over_one(server: DiscordServer) -> None:
    server.gateway.least_shards = 2
    ada = server.person("Ada")
    rooms: dict[int, Channel] = {}
    while len(rooms) < 2:  # the server that a guild's events come by follows from its id
        guild = server.guild("Team", ada)
        rooms[(guild.id >> 22) % 2] = guild.channel("general")
    bot = BotAtWork(server, sharded=True)
    async with bot.running():
        await server.gateway.until_connected(2)
        for number, room in rooms.items():
            ada.writes(f"<@bot> said in {number}", channel=room)
        ada.writes("said in private")
        await bot.received(3)
        server.gateway.close(4000)
        await server.gateway.until_sent(6, 2)
        for number, room in rooms.items():
            ada.writes(f"<@bot> said again in {number}", channel=room)
        await bot.received(5)

    assert {tuple(each["d"]["shard"]) for each in server.gateway.sent(2)} == {(0, 2), (1, 2)}
    for number, room in rooms.items():
        texts = [f"said in {number}", f"said again in {number}"]
        assert bot.service.texts(bot.address(room.id)) == texts

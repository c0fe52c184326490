"""Invitations as people and the operator meet them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from agentcore.errors import BadInput
from agentcore.testing import ScriptedModel
from bot.door.commands import door_commands
from bot.people.invitations import discord_way, page_link, telegram_bot, telegram_link
from config.settings import Settings
from tests.house import house, working
from tests.pushed import town
from tests.simulators.discord_server.accounts import TOKEN, Bot
from tests.simulators.discord_server.server import DiscordServer


async def test_whoever_follows_the_link_is_greeted_and_may_write(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("Hello."), access="allowlist") as there:
        token = await there.home.parts.store.invite()
        before = await there.write("ada", "Hi")
        await there.write("ada", f"/start {token}")
        await there.write("ada", "Hi")
        told = await there.until("ada", 3)
        other = await there.write("bob", f"/start {token}")
    assert before.outcome == "refused"
    assert "Who I can be" in told[1]
    assert told[2] == "Hello."
    assert other.outcome == "refused"


async def test_the_operator_gets_links_for_the_page_and_for_telegram(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"telegram_bot_token": "123:abc", "public_url": "https://chat.example"}
    )
    async with town(tmp_path, ScriptedModel(), at_work=False) as there:
        invite = door_commands(there.home.parts.store)["users.invite"]
        bot = telegram_bot(settings)
        early = await invite({"adapter": bot})
        await there.home.parts.store.put_state("telegram:123", "username", "familiar_bot")
        made = await invite({"adapter": bot})
        none = await invite({"adapter": telegram_bot(Settings())})
    token = made["token"]
    assert page_link(settings, token) == f"https://chat.example/?invite={token}"
    assert telegram_link(token, made["username"]) == f"https://t.me/familiar_bot?start={token}"
    assert telegram_link(token, early["username"]) == f"https://t.me/NAME_OF_YOUR_BOT?start={token}"
    assert none["username"] is None


def test_with_discord_the_operator_gets_a_place_and_what_to_write_there() -> None:
    way = discord_way(Settings.model_validate({"discord_bot_token": TOKEN}), "a-token")

    assert way is not None
    assert way.bot == f"https://discord.com/users/{Bot().id}"
    assert way.message == "/start a-token"
    assert discord_way(Settings(), "a-token") is None
    with pytest.raises(BadInput, match="DISCORD_BOT_TOKEN"):
        discord_way(Settings.model_validate({"discord_bot_token": f"x{TOKEN}"}), "a-token")


async def test_on_discord_the_word_may_stand_behind_the_command(tmp_path: Path) -> None:
    async with DiscordServer(limits=None) as server:
        served = house(
            tmp_path,
            ScriptedModel("Hello."),
            access="allowlist",
            discord_bot_token=SecretStr(server.token),
            discord_api_base_url=server.api_url,
            discord_gateway_url=server.gateway_url,
        )
        async with served as home, working(home):
            await server.until_called("PUT /applications/{}/commands")
            await server.gateway.until_connected()
            ada, token = server.person("Ada"), await home.parts.store.invite()
            ada.installs_bot()
            ada.uses("/start", options={"invitation": token})
            await ada.sees("Who I can be")
            ada.writes("Hi")
            await ada.sees("Hello.")

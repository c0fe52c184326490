"""The transcripts on docs/discord.md.

python -m tests.docs.discord_transcripts     # writes them anew
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from pydantic import SecretStr

from tests.docs.transcripts import FIRST_WORDS, PATIENCE, Answer, Play, Stage, Step
from tests.simulators.discord_server.channels import Channel, Shown, parts
from tests.simulators.discord_server.components import SELECT
from tests.simulators.discord_server.guilds import Guild
from tests.simulators.discord_server.markup import seen
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer

SCRIPTS: dict[str, Sequence[Step]] = {
    "private": FIRST_WORDS,
    "server": (
        Step("Ada", "the bot to the server", does="add"),
        Step("Ada", "@Familiar Remember that we meet on Tuesdays.", answers=3),
        Step("Ben", "/memory"),
    ),
}
EPHEMERAL = "Only you can see this"
"""What Discord writes below such a message."""


@dataclass(frozen=True, slots=True)
class DiscordStage:
    """`channel` is the one that all write in, `elsewhere` one of another server."""

    people: Mapping[str, Person]
    channel: Channel
    guild: Guild
    elsewhere: Channel
    server: DiscordServer

    async def begins(self) -> None:
        """Once it answers in servers, it knows those that it is in, and greets others."""
        await self.server.gateway.until_connected(within=PATIENCE)
        await self.server.until_called("PUT /applications/{}/commands", within=PATIENCE)
        if self.channel.guild is not None:
            self.people["Cleo"].writes("<@bot> /help", channel=self.elsewhere)
            await self.elsewhere.sees("/help", within=PATIENCE)

    def takes(self, step: Step) -> None:
        person, where = self.people[step.who], self.channel
        command, _, _ = step.text.partition(" ")
        match step.does:
            case "write" if command.startswith("/"):
                person.uses(command, channel=where)
            case "write":
                person.writes(step.text.replace("@Familiar", "<@bot>"), channel=where)
            case "press":
                person.presses(step.text, channel=where)
            case "add":
                self.guild.adds_bot()

    def answers(self, who: str) -> Sequence[Answer]:
        there = self.channel.bots(self.people[who].id)
        return [_answer(each) for each in there if not each.loading]

    async def until(self, done: Callable[[], bool]) -> None:
        await self.server.bell.until(done, within=PATIENCE)


def _answer(shown: Shown) -> Answer:
    text = seen(shown.text).text
    lists = [each for each in parts(list(shown.components)) if each["type"] == SELECT]
    rows = [("▾ " + " | ".join(one["label"] for one in each["options"]),) for each in lists]
    whole = f"{text}\n{EPHEMERAL}" if shown.ephemeral else text
    return Answer(shown.message_id, whole, (*shown.buttons, *rows))


@asynccontextmanager
async def _stage(name: str) -> AsyncIterator[tuple[Stage, Mapping[str, Any]]]:
    async with DiscordServer() as server:
        people = {name: server.person(name) for name in ("Ada", "Ben", "Cleo")}
        ada, ben, cleo = people.values()
        elsewhere = server.guild("Elsewhere", cleo).channel("general")
        guild = server.guild("Falcon", ada, ben, bot=name == "private")
        general = guild.channel("general")
        guild.system_channel_id = general.id
        yield (
            DiscordStage(
                people, ada.dm if name == "private" else general, guild, elsewhere, server
            ),
            {
                "discord_bot_token": SecretStr(server.token),
                "discord_api_base_url": server.api_url,
                "discord_gateway_url": server.gateway_url,
            },
        )


DISCORD = Play("discord.md", SCRIPTS, _stage)

if __name__ == "__main__":
    anyio.run(DISCORD.write)

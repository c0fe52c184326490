"""What leaves for Discord in a second, while many are answered at once."""

from __future__ import annotations

import anyio

from adapters.delivery import Outbound
from adapters.discord.addresses import Addresses
from adapters.discord.connection import rest_client
from adapters.discord.sending import Sending
from adapters.testing import MemoryState
from tests.simulators.discord_server.client import pointed_at
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import HastyTime, HastyTimeline

PEOPLE = 120


async def test_however_many_are_answered_at_once_discord_refuses_nothing() -> None:
    async with DiscordServer(timeline=HastyTimeline()) as server:
        addresses = Addresses(str(server.bot.id))
        sending = Sending(addresses, MemoryState(), time=HastyTime())
        people = [server.person(f"Person {number}") for number in range(PEOPLE)]
        server.guild("Us", *people)
        for person in people:
            sending.met(person.id, person.dm.id)

        async def is_answered(number: int) -> None:
            address = addresses.of_person(people[number].id)
            await sending.show_typing(address)
            await sending.send(Outbound(address, "Hello", 1, 1, f"{number:024}"))

        with pointed_at(server):
            async with rest_client(sending.wire) as client:
                await client.login(server.token)
                async with sending.open(client), anyio.create_task_group() as tasks:
                    for number in range(PEOPLE):
                        tasks.start_soon(is_answered, number)

        assert all(person.dm.bots(person.id) for person in people)
        assert server.refused[429] == 0

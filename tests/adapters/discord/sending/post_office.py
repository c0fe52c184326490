"""The sending half alone, between a stand-in for Discord and the test's time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from adapters.addresses import ChatAddress
from adapters.delivery import Button, Outbound
from adapters.discord.addresses import Addresses
from adapters.discord.connection import rest_client, taken_leave_of
from adapters.discord.handles import Handle
from adapters.discord.pieces import COMPOSER
from adapters.discord.sending import Sending
from adapters.discord.settings import PreviewMode
from adapters.testing.context import FakeWording
from tests.adapters.push.post_office import Office
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import call, pointed_at
from tests.simulators.discord_server.interactions import Interaction
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer

ANNOUNCE, ACKNOWLEDGE = 5, 6
EPHEMERAL = 1 << 6


class PostOffice(Office[DiscordServer]):
    """`opened` is a process; the state outlives it."""

    @property
    def addresses(self) -> Addresses:
        return Addresses(str(self.server.bot.id))

    def new(self, previews: PreviewMode = "auto") -> Sending:
        return Sending(
            self.addresses,
            self.states("discord"),
            previews=previews,
            time=self.clock,
            date=self.clock.now,
        )

    @asynccontextmanager
    async def opened(self, previews: PreviewMode = "auto") -> AsyncGenerator[Sending, None]:
        """A process, from its start to its end."""
        sending = self.new(previews)
        with pointed_at(self.server):
            client = rest_client(sending.wire)
            try:
                await client.login(self.server.token)
                async with sending.open(client):
                    yield sending
            finally:
                await taken_leave_of(client)

    def address(self, place: Person | Channel) -> ChatAddress:
        if isinstance(place, Person):
            return self.addresses.of_person(place.id)
        if place.parent is not None:
            return self.addresses.of_channel(place.parent.id, place.id)
        return self.addresses.of_channel(place.id)

    def chunk(
        self,
        to: Person | Channel,
        markdown: str = "Hello",
        *,
        reply_to: int | None = None,
        via: Handle | None = None,
        buttons: tuple[Button, ...] = (),
        nonce: str = "",
    ) -> Outbound:
        """The text's first piece."""
        piece = COMPOSER.compose(markdown, FakeWording(), plain=False)[0]
        handle = None if via is None else str(via)
        return self.outbound(
            self.address(to), piece, reply_to=reply_to, buttons=buttons, nonce=nonce, via=handle
        )

    async def asked(
        self, person: Person, channel: Channel, *, secret: bool = False, announced: bool = True
    ) -> tuple[Interaction, Handle]:
        """Somebody used a command, and Discord shows that an answer is being made; not `announced`:
        it shows nothing.
        """
        if not self.server.called("POST /applications/{}/commands"):
            path = f"/applications/{self.server.bot.id}/commands"
            asked = {"name": "ask", "description": "Asks", "integration_types": [0, 1]}
            await call(self.server, "POST", path, asked | {"contexts": [0, 1, 2]})
        interaction = person.uses("/ask", channel=channel)
        flags = EPHEMERAL if secret else 0
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        said = await call(self.server, "POST", path, {"type": ANNOUNCE, "data": {"flags": flags}})
        assert said.status == 204
        handle = Handle(
            interaction.id, interaction.token, person.id, ephemeral=secret, announced=announced
        )
        return interaction, handle


async def shows(
    sending: Sending, office: PostOffice, place: Person | Channel, *texts: str, turn: str = "t1"
) -> None:
    """Previews, each after a while."""
    for text in texts:
        office.time.advance(6)
        await sending.show_preview(office.address(place), text, turn=turn)


def happened(channel: Channel) -> list[tuple[str, str]]:
    return [(each.what, each.text) for each in channel.history if each.by_bot]

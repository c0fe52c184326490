"""Commands, buttons, menus and modals in the Discord simulator, as discord.py meets them."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from tests.simulators.discord.asking import refused
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener, call
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
async def ping(server: DiscordServer) -> None:
    """A command that the client doesn't know: the test answers it."""
    path = f"/applications/{server.bot.id}/commands"
    said = await call(server, "POST", path, {"name": "ping", "description": "Answers"})
    assert said.status == 201


async def asked(client: Listener, count: int = 1) -> discord.Interaction[Any]:
    interaction: discord.Interaction[Any] = await client.hears("interaction", count)
    return interaction


async def test_commands_of_a_tree_are_synced_used_and_completed(
    client: Listener, ada: Person, general: Channel
) -> None:
    tree = app_commands.CommandTree(
        client,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True),
        allowed_installs=app_commands.AppInstallationType(guild=True),
    )
    group = app_commands.Group(name="memory", description="What is known of you")

    @group.command(name="show", description="One part of it")
    async def show(
        interaction: discord.Interaction[Any], part: str, other: discord.User | None = None
    ) -> None:
        await interaction.response.send_message(f"{part} of {other or interaction.user}")

    @show.autocomplete("part")
    async def proposed(
        _interaction: discord.Interaction[Any], typed: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed + each, value=each) for each in "ab"]

    async def remember(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"kept: {message.content}", ephemeral=True)

    async def greet(interaction: discord.Interaction[Any], user: discord.User) -> None:
        await interaction.response.send_message(f"hello {user.name}")

    tree.add_command(group)
    tree.add_command(app_commands.ContextMenu(name="Remember this", callback=remember))
    tree.add_command(app_commands.ContextMenu(name="Greet", callback=greet))
    assert [each.name for each in await tree.sync()] == ["memory", "Remember this", "Greet"]

    ada.uses("/memory show", options={"part": "human"})
    await ada.sees("human of ada")
    ada.uses("/memory show", options={"part": "human", "other": ada.id}, channel=general)
    await general.sees("human of ada")
    typing = await ada.types_option("/memory show", "part", "x").is_answered()
    assert typing.choices is not None
    assert [each["name"] for each in typing.choices] == ["xa", "xb"]
    number = ada.writes("tea, not coffee", channel=general)
    ada.uses_menu("Remember this", number, channel=general)
    await ada.sees("kept: tea, not coffee", channel=general)
    ada.uses_menu("Greet", ada, channel=general)
    await general.sees("hello ada")
    with pytest.raises(AssertionError, match="offered no"):
        ada.uses("/unknown")


@pytest.mark.usefixtures("ping")
async def test_a_first_answer_is_given_once_and_within_three_seconds(
    client: Listener, ada: Person, general: Channel, time: SteppedTimeline
) -> None:
    ada.uses("/ping")
    interaction = await asked(client)
    said = await interaction.response.send_message("pong")
    shown = await ada.sees("pong")
    assert said.message_id == shown.message_id
    route = f"/interactions/{interaction.id}/{interaction.token}/callback"
    again = await call(client.server, "POST", route, {"type": 4, "data": {"content": "x"}})
    assert again.body == {
        "message": "Interaction has already been acknowledged.",
        "code": 40060,
    }
    used = ada.uses("/ping", channel=general)
    late = await asked(client, 2)
    time.advance(3.1)
    assert used.failed
    await refused(late.response.defer(), 404, 10062)
    await refused(late.followup.send("x"), 404, 10015)


@pytest.mark.usefixtures("ping")
async def test_without_a_wish_for_an_answer_there_is_none(client: Listener, ada: Person) -> None:
    ada.uses("/ping")
    interaction = await asked(client)
    route = f"/interactions/{interaction.id}/{interaction.token}/callback"
    said = await call(client.server, "POST", route, {"type": 4, "data": {"content": "pong"}})
    assert (said.status, said.body) == (204, "")


@pytest.mark.usefixtures("ping")
async def test_an_announced_answer_is_filled_and_followed_for_fifteen_minutes(
    client: Listener, ada: Person, general: Channel, time: SteppedTimeline
) -> None:
    used = ada.uses("/ping", channel=general)
    interaction = await asked(client)
    await interaction.response.defer(ephemeral=True)
    assert (await used.is_answered()).answer is not None
    assert ada.shown(general)[-1].loading
    first = await interaction.followup.send("secret", wait=True)
    shown = await ada.sees("secret", channel=general)
    assert (shown.ephemeral, shown.loading) == (True, False)
    assert used.answer is not None
    assert used.answer.message_id == first.id
    assert not general.shown, "nobody else sees it"
    await refused(client.get_partial_messageable(general.id).fetch_message(first.id), 404, 10008)
    open_one = await interaction.followup.send("for all", wait=True)
    await general.sees("for all")
    await open_one.edit(content="for everybody")
    await general.sees("for everybody")
    assert (await interaction.original_response()).content == "secret"
    await interaction.edit_original_response(content="changed")
    await ada.sees("changed", channel=general)
    await open_one.delete()
    await general.no_longer_sees("for everybody")
    time.advance(15 * 60 + 1)
    await refused(interaction.followup.send("late"), 404, 10015)
    await refused(interaction.edit_original_response(content="late"), 404, 10015)


async def test_buttons_and_selects_change_their_message(
    client: Listener, ada: Person, bob: Person, general: Channel
) -> None:
    class Choice(discord.ui.View):
        @discord.ui.button(label="Undo", custom_id="undo")
        async def undo(
            self, interaction: discord.Interaction[Any], _button: discord.ui.Button[Any]
        ) -> None:
            await interaction.response.edit_message(
                content=f"undone by {interaction.user.name}", view=None
            )

        @discord.ui.select(custom_id="pick", options=[discord.SelectOption(label="Tea", value="t")])
        async def pick(
            self, interaction: discord.Interaction[Any], chosen: discord.ui.Select[Any]
        ) -> None:
            await interaction.response.defer()
            await interaction.followup.send(f"chose {chosen.values}", ephemeral=True)

    channel = client.get_partial_messageable(general.id)
    await channel.send("well?", view=Choice(timeout=None))
    assert (await general.sees("well?")).buttons == (("Undo",),)
    ada.selects("Tea", channel=general)
    await ada.sees("chose ['t']", channel=general)
    bob.presses("Undo", channel=general)
    assert (await general.sees("undone by bob")).buttons == ()
    with pytest.raises(AssertionError, match="nothing with 'Undo'"):
        bob.presses("Undo", channel=general)
    assert not [each for each in bob.shown(general) if each.ephemeral]


async def test_persistent_buttons_work_by_their_id(client: Listener, ada: Person) -> None:
    class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"keep:(?P<number>\d+)"):
        @classmethod
        async def from_custom_id(
            cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: Any, /
        ) -> Press:
            return cls(discord.ui.Button(label="Keep", custom_id=match.string))

        async def callback(self, interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message(f"kept {self.item.custom_id}")

    view = discord.ui.View(timeout=None)
    view.add_item(Press(discord.ui.Button(label="Keep", custom_id="keep:7")))
    ada.writes("hello")
    message = await client.hears("message")
    await message.channel.send("a fact", view=view)
    view.stop()
    client.add_dynamic_items(Press)
    ada.presses("Keep")
    await ada.sees("kept keep:7")


@pytest.mark.usefixtures("ping")
async def test_modals_are_filled_in_and_sent(client: Listener, ada: Person) -> None:
    class Form(discord.ui.Modal, title="Persona"):
        name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Name", max_length=10)
        about: discord.ui.Label[Any] = discord.ui.Label(
            text="About", component=discord.ui.TextInput(required=False)
        )

        async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
            assert isinstance(self.about.component, discord.ui.TextInput)
            said = f"{self.name.value}: {self.about.component.value}"
            await interaction.response.send_message(said)

    used = ada.uses("/ping")
    await (await asked(client)).response.send_modal(Form())
    await used.is_answered()
    assert [each["type"] for each in used.fields] == [4, 4]
    with pytest.raises(AssertionError, match="'Name' must be filled in"):
        ada.submits(used, {"About": "x"})
    ada.submits(used, {"Name": "Sage", "About": "calm"})
    await ada.sees("Sage: calm")


@pytest.mark.usefixtures("ping")
async def test_modals_and_proposals_have_limits(client: Listener, ada: Person) -> None:
    ada.uses("/ping")
    interaction = await asked(client)
    field = {"type": 4, "custom_id": "name", "label": "Name", "style": 1}

    def modal(**more: Any) -> Any:
        rows = [{"type": 1, "components": [field]}]
        return {"title": "Form", "custom_id": "form", "components": rows} | more

    wrong: list[tuple[int, Any]] = [
        (9, modal(title="x" * 46)),
        (9, modal(custom_id="x" * 101)),
        (9, modal(components=[{"type": 1, "components": [field]}] * 6)),
        (9, modal(components=[{"type": 1, "components": [field | {"label": "x" * 46}]}])),
        (7, {"content": "x"}),
        (8, {"choices": []}),
        (4, {"content": "x" * 2001}),
    ]
    route = f"/interactions/{interaction.id}/{interaction.token}/callback"
    for kind, data in wrong:
        said = await call(client.server, "POST", route, {"type": kind, "data": data})
        assert (said.status, said.body["code"]) == (400, 50035)
        if kind in {4, 9}:
            assert list(said.body["errors"]) == ["data"]
    await interaction.response.send_message("still in time")
    await ada.sees("still in time")


async def test_who_installed_the_bot_alone_gets_five_follow_ups_elsewhere(
    client: Listener, server: DiscordServer, ada: Person
) -> None:
    foreign = server.guild("Foreign", ada, bot=False).channel("lobby")
    path = f"/applications/{server.bot.id}/commands"
    command = {"name": "ping", "description": "x", "integration_types": [0, 1], "contexts": [0, 1]}
    await call(server, "PUT", path, [command])
    with pytest.raises(AssertionError, match="offered no"):
        ada.uses("/ping", channel=foreign)
    ada.installs_bot()
    ada.uses("/ping", channel=foreign)
    interaction = await asked(client)
    assert interaction.is_user_integration()
    await interaction.response.send_message("one")
    await foreign.sees("one")
    for at in range(5):
        await interaction.followup.send(f"more {at}")
    await refused(interaction.followup.send("too many"), 400, 40094)
    await refused(client.get_partial_messageable(foreign.id).send("x"), 403, 50001)


async def test_a_group_of_people_has_the_commands_of_whoever_installed_the_bot(
    client: Listener, server: DiscordServer, ada: Person, bob: Person
) -> None:
    friends = server.group("Friends", ada, bob)
    path = f"/applications/{server.bot.id}/commands"
    command = {"name": "ping", "description": "x", "integration_types": [0, 1], "contexts": [2]}
    await call(server, "PUT", path, [command])
    ada.installs_bot()
    with pytest.raises(AssertionError, match="Bob is offered no"):
        bob.uses("/ping", channel=friends)
    with pytest.raises(AssertionError, match="Ada is offered no"):
        ada.uses("/ping")
    ada.writes("is the bot there?", channel=friends)
    ada.uses("/ping", channel=friends)
    interaction = await asked(client)
    assert isinstance(interaction.channel, discord.GroupChannel)
    assert interaction.context.private_channel
    assert not interaction.is_guild_integration()
    await interaction.response.send_message("only you see this", ephemeral=True)
    assert (await ada.sees("only you", channel=friends)).ephemeral
    assert not friends.bots(bob.id)
    assert client.all_of("message") == [], "no bot gets what people write to each other"
    await refused(client.get_partial_messageable(friends.id).send("x"), 403, 50001)


@pytest.mark.usefixtures("ping")
async def test_with_an_address_for_them_no_interaction_comes_over_the_gateway(
    client: Listener, server: DiscordServer, ada: Person
) -> None:
    server.bot.endpoint = "https://bot.example.org/"
    ada.uses("/ping")
    server.bot.endpoint = None
    ada.uses("/ping")
    await asked(client)
    assert len(client.all_of("interaction")) == 1

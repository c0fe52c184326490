"""Buttons, lists and forms on Discord: what a press means, and what is left of its message."""

from __future__ import annotations

import anyio
import discord
import pytest

from adapters.base import Inbound, Receipt
from adapters.delivery import Form
from adapters.testing import FakeForms
from tests.adapters.discord.surface.desk import (
    CALLBACK,
    FORM,
    Bot,
    Part,
    answered,
    handle_of,
    shown_to,
    view,
)
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.faults import refusing
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.refusals import UNKNOWN_INTERACTION, Refused
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut

UNDO: Part = ("action", "Undo", "abc:0")


@pytest.fixture
def ada(server: DiscordServer) -> Person:
    """Whom the bot may write to."""
    ada = server.person("Ada")
    ada.writes("hello")
    return ada


async def test_a_press_is_answered_in_its_chat_and_uses_its_buttons_up(
    bot: Bot, general: Channel, ada: Person
) -> None:
    home = bot.addresses.of_channel(general.id)
    async with bot.running() as client:
        await shown_to(
            client, general, "Noted: tea", view(home.chat, UNDO, ("action", "Why", "abc:1"))
        )
        ada.presses("Undo", channel=general)
        inbound = await bot.taken()
        await general.sees(lambda shown: shown.text == "Noted: tea" and not shown.buttons)
        await answered(client, inbound, "Taken back.")
        assert not (await general.sees("Taken back.")).ephemeral

    assert (inbound.pressed, inbound.parts, inbound.message_id) == ("abc:0", (), None)
    assert (inbound.address, inbound.audience) == (home, "chat")
    assert inbound.sender.admin
    assert not handle_of(inbound).announced


async def test_a_press_that_only_shows_something_leaves_its_buttons(
    bot: Bot, general: Channel, ada: Person
) -> None:
    home = bot.addresses.of_channel(general.id)
    bot.service.receipt = Receipt("accepted", buttons_stay=True)
    async with bot.running() as client:
        both = view(home.chat, UNDO, ("action", "Why", "abc:1"))
        await shown_to(client, general, "Noted: tea", both)
        ada.presses("Why", channel=general)
        await answered(client, await bot.taken(), "From your message.")
        await general.sees("From your message.")

    assert (await general.sees("Noted: tea")).buttons == (("Undo", "Why"),)


async def test_a_press_means_the_same_after_a_restart(bot: Bot, ada: Person) -> None:
    home = bot.addresses.of_person(ada.id)
    async with bot.running() as client:
        await shown_to(client, ada.dm, "Noted: tea", view(home.chat, UNDO))
    async with bot.running():
        ada.presses("Undo")
        inbound = await bot.taken()

    assert (inbound.pressed, inbound.address, inbound.audience) == ("abc:0", home, "private")


async def test_what_was_shown_to_one_stays_between_the_two_of_them(
    bot: Bot, general: Channel, ada: Person, bob: Person
) -> None:
    async with bot.running() as client:
        ada.uses("/usage", channel=general)
        first = await bot.taken()
        buttons = view(first.address.chat, UNDO)
        await answered(client, first, "So much.", buttons)
        ada.presses("Undo", channel=general)
        second = await bot.taken(2)
        await ada.sees(
            lambda shown: shown.text == "So much." and not shown.buttons, channel=general
        )
        await answered(client, second, "Taken back.")
        await ada.sees("Taken back.", channel=general)

    assert (second.address, second.audience) == (bot.addresses.of_channel(general.id), "chat")
    assert general.bots(bob.id) == ()


async def test_a_press_means_the_chat_of_its_message_wherever_that_was_shown(
    bot: Bot, general: Channel, ada: Person, bob: Person
) -> None:
    chat, private = bot.addresses.of_channel(general.id), bot.addresses.of_person(ada.id)
    async with bot.running() as client:
        await shown_to(client, ada.dm, "of the channel", view(chat.chat, UNDO))
        ada.presses("Undo")
        told = await bot.taken()
        assert (told.address, told.audience, told.sender.admin) == (chat, "chat", False)

        await shown_to(client, general, "of her own", view(private.chat, UNDO))
        ada.presses("Undo", channel=general)
        told = await bot.taken(2)
        assert (told.address, told.audience, told.sender.admin) == (private, "private", False)

        await shown_to(client, general, "of hers again", view(private.chat, UNDO))
        bob.presses("Undo", channel=general)
        told = await bot.taken(3)
        assert (told.address, told.audience) == (chat, "chat"), "nobody gets into another's chat"


async def test_a_choice_from_a_list_is_a_press_after_which_one_may_choose_again(
    bot: Bot, ada: Person
) -> None:
    home = bot.addresses.of_person(ada.id)
    parts: list[Part] = [
        ("option", "Tea", "abc:0"),
        ("option", "Coffee", "abc:1"),
        ("action", "None", "abc:2"),
    ]
    async with bot.running() as client:
        await shown_to(client, ada.dm, "Which?", view(home.chat, *parts))
        for at, label in enumerate(["Coffee", "Tea"], start=1):
            ada.selects(label)
            inbound = await bot.taken(at)
            await answered(client, inbound, f"{label} it is.")
            assert inbound.pressed == {"Tea": "abc:0", "Coffee": "abc:1"}[label]
        assert (await ada.sees("Which?")).components


async def test_a_press_that_is_refused_is_told_why_and_uses_nothing_up(
    bot: Bot, general: Channel, ada: Person, bob: Person
) -> None:
    bot.service.receipt = Receipt("refused", text="This is Ada's.")
    async with bot.running() as client:
        home = bot.addresses.of_channel(general.id)
        await shown_to(client, general, "Noted: tea", view(home.chat, UNDO))
        bob.presses("Undo", channel=general)
        assert (await bob.sees("This is Ada's.", channel=general)).ephemeral

    assert [(each.text, each.buttons) for each in general.bots(ada.id)] == [
        ("Noted: tea", (("Undo",),))
    ]


async def test_a_press_that_came_too_late_is_taken_all_the_same(
    bot: Bot, server: DiscordServer, ada: Person
) -> None:
    home = bot.addresses.of_person(ada.id)
    async with bot.running() as client:
        await shown_to(client, ada.dm, "Noted: tea", view(home.chat, UNDO))
        server.faults.befall(CALLBACK, refusing(Refused(*UNKNOWN_INTERACTION)))
        ada.presses("Undo")
        assert (await bot.taken()).answer_via is None
        await ada.sees(lambda shown: shown.text == "Noted: tea" and not shown.buttons)


@pytest.mark.parametrize("told", ["undo", "x|1|2", "a|1", "a||2", ""])
async def test_a_button_of_another_time_is_answered_in_a_sentence(
    bot: Bot, ada: Person, told: str
) -> None:
    async with bot.running() as client:
        number = await shown_to(client, ada.dm, "Noted: tea", None)
        ada.presses_id(told, ada.dm, number)
        assert (await ada.sees("discord.outdated")).ephemeral

    assert bot.service.attempts == []


# Forms


async def edits(bot: Bot, client: discord.Client, who: Person) -> None:
    home = bot.addresses.of_person(who.id)
    parts: list[Part] = [("form", "Edit", "abc:3"), ("form option", "Line 3", "abc:3")]
    await shown_to(client, who.dm, "What I know", view(home.chat, *parts))


async def test_what_is_filled_in_comes_with_the_press(bot: Bot, ada: Person) -> None:
    bot.forms.forms["abc:3"] = FORM
    async with bot.running() as client:
        await edits(bot, client, ada)
        opened = await ada.presses("Edit").is_answered()
    async with bot.running() as client:
        ada.submits(opened, {"Line 3": "likes green tea\nin the morning"})
        inbound = await bot.taken()
        await answered(client, inbound, "Changed.")
        await ada.sees("Changed.")
        assert (await ada.sees("What I know")).buttons == (("Edit",),)

        ada.submits(await ada.selects("Line 3").is_answered(), {"Line 3": ""})
        assert (await bot.taken(2)).filled == "", "what is to go is left empty"

    assert opened.modal is not None
    assert opened.modal["title"] == "Change a line"
    (field,) = opened.fields
    assert (field["value"], field["max_length"], field["style"]) == ("likes tea", 200, 2)
    assert (inbound.pressed, inbound.filled) == ("abc:3", "likes green tea\nin the morning")
    assert {(each.pressed, each.address) for each in bot.forms.asked} == {
        ("abc:3", inbound.address)
    }


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (None, "no such button"),
        (Form("t", "l", "x" * 4_001, limit=5_000), "discord.too_long"),
        (Form("t" * 80, "l" * 80, "", limit=9_000), None),
    ],
    ids=["refused", "more than fits", "long names"],
)
async def test_a_form_is_shown_only_where_all_of_it_can_be(
    bot: Bot, ada: Person, form: Form | None, told: str | None
) -> None:
    if form is not None:
        bot.forms.forms["abc:3"] = form
    async with bot.running() as client:
        await edits(bot, client, ada)
        opened = await ada.presses("Edit").is_answered()
        if told is None:
            assert opened.modal is not None
        else:
            assert (await ada.sees(told)).ephemeral

    assert bot.service.attempts == []


@pytest.mark.parametrize("broken", [False, True], ids=["slow", "broken"])
async def test_who_asks_for_a_form_that_takes_too_long_is_to_try_again(
    bot: Bot, ada: Person, *, broken: bool
) -> None:
    class Slow(FakeForms):
        async def form(self, press: Inbound) -> Form | Receipt:
            if broken:
                raise OSError("the disk is full")
            await anyio.sleep_forever()
            return await super().form(press)

    bot.forms = Slow()
    async with bot.running() as client:
        await edits(bot, client, ada)
        ada.presses("Edit")
        assert (await ada.sees("discord.too_late")).ephemeral


async def test_a_form_whose_showing_was_cut_is_shown_once(
    bot: Bot, server: DiscordServer, ada: Person
) -> None:
    bot.forms.forms["abc:3"] = FORM
    async with bot.running() as client:
        await edits(bot, client, ada)
        server.faults.befall(CALLBACK, ConnectionCut(carried_out=True))
        opened = await ada.presses("Edit").is_answered()
        await server.until_called(CALLBACK, 2)
        ada.submits(opened, {"Line 3": "likes coffee"})
        assert (await bot.taken()).filled == "likes coffee"

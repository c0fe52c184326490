"""Commands on Discord: noticed at once, handed over, and answered for the eyes that they are for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.base import InboundPart, Receipt
from tests.adapters.discord.surface.desk import CALLBACK, REMEMBER, Bot, answered, handle_of
from tests.simulators.discord_server.answers import json_answer
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.faults import Answered, Fault, refusing, server_error
from tests.simulators.discord_server.people import Attachment, Person
from tests.simulators.discord_server.refusals import UNKNOWN_INTERACTION, Refused
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut, Held
from tests.simulators.timeline import SteppedTimeline

LATE = refusing(Refused(*UNKNOWN_INTERACTION))


@pytest.fixture
def friends(server: DiscordServer, ada: Person, bob: Person) -> Channel:
    """A group where the bot is by Ada's own installation alone."""
    ada.installs_bot()
    return server.group("Friends", ada, bob)


async def test_a_command_is_noticed_at_once_however_long_the_service_takes(
    bot: Bot, ada: Person, time: SteppedTimeline
) -> None:
    home = bot.addresses.of_person(ada.id)
    async with bot.running() as client:
        bot.service.close_gate(home)
        used = ada.uses("/memory", options={"line": "3"})
        inbound = await bot.taken()
        assert used.answered is not None
        time.advance(20)
        assert ada.shown()[-1].loading
        bot.service.open_gate(home)
        await answered(client, inbound, "You like tea.")
        (shown,) = ada.shown()

    assert (shown.text, shown.loading, shown.ephemeral) == ("You like tea.", False, False)
    assert bot.service.accepted == [inbound]
    assert (inbound.address, inbound.audience) == (home, "private")
    assert inbound.parts == (InboundPart("/memory 3"),)
    assert inbound.update_id == f"interaction:{used.id}"
    assert inbound.sent_at == used.at
    assert (inbound.sender.external_id, inbound.sender.display_name) == (str(ada.id), "Ada")


async def test_what_is_asked_is_said_as_if_it_had_been_written(
    bot: Bot, general: Channel, ada: Person
) -> None:
    async with bot.running():
        ada.uses("/ask", options={"message": "What's the plan?"}, channel=general)
        ada.uses("/memory", channel=general)
        said = {(await bot.taken(at)).parts for at in (1, 2)}

    assert said == {(InboundPart("What's the plan?"),), (InboundPart("/memory"),)}


@pytest.mark.parametrize(
    ("command", "ephemeral"), [("/memory", False), ("/usage", True), ("/ask", False)]
)
async def test_in_a_channel_what_is_confidential_is_seen_by_the_sender_alone(
    bot: Bot, general: Channel, ada: Person, bob: Person, command: str, *, ephemeral: bool
) -> None:
    options = {"message": "hello"} if command == "/ask" else {}
    async with bot.running() as client:
        ada.uses(command, options=options, channel=general)
        inbound = await bot.taken()
        assert [each.loading for each in ada.shown(general)] == [True]
        assert [each.loading for each in bob.shown(general)] == ([] if ephemeral else [True])
        await answered(client, inbound, "Here it is.")
        await ada.sees("Here it is.", channel=general)

    assert handle_of(inbound).ephemeral is ephemeral
    assert (inbound.address, inbound.audience) == (bot.addresses.of_channel(general.id), "chat")
    assert len(general.bots(bob.id)) == (0 if ephemeral else 1)


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
async def test_a_public_thread_is_a_topic_and_a_private_one_a_chat_of_its_own(
    bot: Bot, general: Channel, ada: Person, *, private: bool
) -> None:
    async with bot.running():
        thread = ada.opens_thread(general, "Plans", private=private)
        ada.adds_bot(thread)
        ada.uses("/memory", channel=thread)
        inbound = await bot.taken()

    topic = bot.addresses.of_channel(general.id, thread.id)
    assert inbound.address == (bot.addresses.of_channel(thread.id) if private else topic)


async def test_where_the_bot_is_no_member_it_is_between_the_two_of_them(
    bot: Bot, server: DiscordServer, friends: Channel, ada: Person, bob: Person
) -> None:
    lobby = server.guild("Foreign", bob, ada, bot=False).channel("lobby")
    async with bot.running() as client:
        for at, where in enumerate((lobby, friends), start=1):
            ada.uses("/memory", channel=where)
            inbound = await bot.taken(at)
            await answered(client, inbound, "Here it is.")
            assert (await ada.sees("Here it is.", channel=where)).ephemeral
            assert where.bots(bob.id) == ()
            assert inbound.address == bot.addresses.of_person(ada.id)
            assert (inbound.audience, inbound.sender.admin) == ("private", False)


@pytest.mark.parametrize(
    ("locale", "language"), [("de", "de"), ("pt-BR", "pt"), ("de-AT", "de"), ("en-US", "en")]
)
async def test_people_are_spoken_to_in_the_language_of_their_discord(
    bot: Bot, server: DiscordServer, locale: str, language: str
) -> None:
    eve = server.person("Eve", locale=locale)
    async with bot.running():
        eve.uses("/memory")
        assert (await bot.taken()).sender.language == language


async def test_who_runs_the_server_has_a_say_over_its_channels(
    bot: Bot, general: Channel, ada: Person, bob: Person
) -> None:
    async with bot.running():
        for at, (who, say) in enumerate([(ada, True), (bob, False)], start=1):
            who.uses("/memory", channel=general)
            assert (await bot.taken(at)).sender.admin is say


async def test_an_event_that_comes_twice_is_taken_once(
    bot: Bot, server: DiscordServer, ada: Person
) -> None:
    async with bot.running() as client:
        ada.uses("/memory")
        server.gateway.repeat_last_event()
        await client.hears("interaction", 2)
        ada.uses("/usage")
        await bot.taken(2)

    assert [each.parts[0].text for each in bot.service.attempts] == ["/memory", "/usage"]
    assert len(server.called(CALLBACK)) == 2


async def test_what_cannot_be_stored_is_handed_over_again(
    bot: Bot, ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    bot.service.fail_accepts(*[OSError("the disk is full")] * 3)
    bot.service.lose_answers(OSError("cut"))
    async with bot.running() as client:
        ada.uses("/memory")
        await bot.taken(5)
        await answered(client, bot.service.accepted[0], "Here it is.")
        await ada.sees("Here it is.")

    assert len(bot.service.accepted) == 1
    assert "the disk is full" not in capsys.readouterr().out


async def test_who_waits_in_vain_is_told(
    bot: Bot, general: Channel, ada: Person, bob: Person
) -> None:
    bot.patience = replace(bot.patience, handing=0.0)
    bot.service.fail_accepts(*[OSError()] * 3)
    async with bot.running():
        for who, command, where in (
            (ada, "/memory", general),
            (bob, "/usage", general),
            (ada, "/memory", ada.dm),
        ):
            who.uses(command, channel=where)
            told = await who.sees("discord.failed", channel=where)
            assert told.ephemeral
            assert not any(each.loading for each in who.shown(where))


async def test_who_waits_when_the_bot_stops_is_told(bot: Bot, ada: Person) -> None:
    async with bot.running():
        bot.service.close_gate(bot.addresses.of_person(ada.id))
        ada.uses("/usage")
        await bot.taken()
        waits = await ada.uses("/memory").is_answered()
        bot.stop()
        assert (await ada.sees("discord.failed")).ephemeral
        assert waits.answer is not None
        assert waits.answer.text == ""
        assert len(ada.shown()) == 2, "of the other one nobody knows whether it is stored"


async def test_a_message_of_the_chat_goes_first_if_it_came_first(
    bot: Bot, ada: Person, bob: Person
) -> None:
    home = bot.addresses.of_person(ada.id)
    async with bot.running():
        bot.service.close_gate(home)
        ada.uses("/memory")
        await bot.taken()
        ada.uses("/usage")
        bob.uses("/memory")
        other = await bot.taken(2)
        assert other.sender.external_id == str(bob.id), "another chat waits for none"
        bot.service.open_gate(home)
        assert (await bot.taken(3)).parts[0].text == "/usage"


async def test_what_came_first_goes_first_however_long_discord_takes_to_be_told(
    bot: Bot, server: DiscordServer, ada: Person
) -> None:
    held = Held()
    async with bot.running():
        server.faults.befall(CALLBACK, held)
        ada.uses("/memory")
        await held.came.wait()
        await ada.uses("/usage").is_answered()
        assert bot.service.attempts == []
        held.go.set()
        assert [(await bot.taken(at)).parts[0].text for at in (1, 2)] == ["/memory", "/usage"]


@pytest.mark.parametrize(
    "fault",
    [
        ConnectionCut(),
        ConnectionCut(carried_out=True),
        server_error(carried_out=True),
        Answered(json_answer(None, 204), carried_out=True),
    ],
    ids=["cut", "cut when it was done", "500 when it was done", "done without a word"],
)
async def test_whatever_becomes_of_the_notice_the_answer_takes_its_place(
    bot: Bot, server: DiscordServer, ada: Person, fault: Fault
) -> None:
    async with bot.running() as client:
        server.faults.befall(CALLBACK, fault)
        ada.uses("/memory")
        await answered(client, await bot.taken(), "Here it is.")
        (shown,) = ada.shown()

    assert (shown.text, shown.loading) == ("Here it is.", False)


@pytest.mark.parametrize(("command", "open_to_all"), [("/memory", True), ("/usage", False)])
async def test_what_discord_takes_for_too_late_is_handed_over_all_the_same(
    bot: Bot,
    server: DiscordServer,
    general: Channel,
    ada: Person,
    command: str,
    *,
    open_to_all: bool,
) -> None:
    server.faults.befall(CALLBACK, LATE)
    async with bot.running():
        ada.uses(command, channel=general)
        inbound = await bot.taken()

    assert (inbound.answer_via is None) is open_to_all, (
        "what is confidential never goes to the chat"
    )


@pytest.mark.parametrize(
    ("receipt", "told"),
    [
        (Receipt("ignored"), ["discord.not_here [en]"]),
        (Receipt("refused"), []),
    ],
    ids=["ignored", "silently refused"],
)
async def test_nobody_is_left_waiting_for_an_answer_that_will_not_come(
    bot: Bot, general: Channel, ada: Person, bob: Person, receipt: Receipt, told: list[str]
) -> None:
    bot.service.receipt = receipt
    async with bot.running():
        ada.uses("/memory", channel=general)
        await bot.taken()
        await ada.world.bell.until(lambda: not any(each.loading for each in bob.shown(general)))
        await ada.world.bell.until(lambda: [e.text for e in general.bots(ada.id)] == told)

    assert general.bots(bob.id) == ()


async def test_a_refusal_in_words_comes_through_the_outbox(bot: Bot, ada: Person) -> None:
    bot.service.receipt = Receipt("refused", text="Too many messages.")
    async with bot.running() as client:
        ada.uses("/memory")
        await answered(client, await bot.taken(), "Too many messages.")
        ada.uses("/usage")
        await bot.taken(2)
        assert [each.text for each in ada.shown()] == ["Too many messages.", ""]


async def test_a_command_of_another_time_is_answered_in_a_sentence(
    bot: Bot, server: DiscordServer, ada: Person
) -> None:
    async with bot.running():
        server.world.registry.overwrite(None, [{"name": "ping", "description": "x"}])
        ada.uses("/ping")
        assert (await ada.sees("discord.outdated")).ephemeral

    assert bot.service.attempts == []


# "Remember this"


async def test_what_somebody_wants_kept_is_their_own_matter(
    bot: Bot, general: Channel, ada: Person, bob: Person
) -> None:
    number = ada.writes(f"tea for {bob.mention} in <#{general.id}>, <@&1>", channel=general)
    async with bot.running() as client:
        for at, who in enumerate((ada, bob), start=1):
            who.uses_menu(REMEMBER, number, channel=general)
            inbound = await bot.taken(at)
            await answered(client, inbound, "Noted.")
            assert (await who.sees("Noted.", channel=general)).ephemeral
            assert (inbound.address, inbound.audience) == (
                bot.addresses.of_person(who.id),
                "private",
            )

    words = "tea for @Bob in #general, @some-role"
    first, second = bot.service.accepted
    assert first.parts == (InboundPart("discord.remember_request [en]"), InboundPart(words))
    assert second.parts == (
        InboundPart("discord.remember_request [de]"),
        InboundPart(f'[The words of "Ada"]\n> {words}', "other_person"),
    )


async def test_what_has_no_words_cannot_be_kept(bot: Bot, ada: Person) -> None:
    picture = ada.attaches(Attachment("tea.png", b"x"))
    both = ada.attaches(Attachment("tea.png", b"x"), text="my tea")
    forwarded = ada.forwards("tea is good")
    async with bot.running():
        ada.uses_menu(REMEMBER, picture)
        assert (await ada.sees("discord.nothing_to_remember")).ephemeral
        ada.uses_menu(REMEMBER, both)
        inbound = await bot.taken()
        assert (inbound.parts[1].text, inbound.unreadable) == ("my tea", "photo")
        ada.uses_menu(REMEMBER, forwarded)
        part = (await bot.taken(2)).parts[1]
        assert (part.text, part.origin) == ("[Forwarded]\ntea is good", "forwarded")

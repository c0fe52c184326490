"""How what was asked by a command or a button is answered, while that is possible and after."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest

from adapters.delivery import (
    Button,
    ChatUnreachable,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    TemporaryFailure,
)
from adapters.discord.handles import HOLDS
from adapters.discord.sending import Sending
from adapters.testing import MemoryState
from tests.adapters.discord.sending.post_office import PostOffice, shows
from tests.simulators.discord_server.channels import Channel, Shown
from tests.simulators.discord_server.faults import rate_limited, refusing, server_error
from tests.simulators.discord_server.guilds import Guild
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.refusals import Refused
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut

FILL = "PATCH /webhooks/{}/{}/messages/{}"
FOLLOW_UP = "POST /webhooks/{}/{}"


def seen(person: Person, channel: Channel) -> list[Shown]:
    """The bot's messages there, as this person sees them."""
    return [each for each in person.shown(channel) if channel.records[each.message_id].by_bot]


def texts(person: Person, channel: Channel) -> list[str]:
    return [each.text for each in seen(person, channel)]


@pytest.mark.parametrize("secret", [True, False])
async def test_the_first_chunk_takes_the_place_of_what_was_announced_and_the_rest_follow(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, secret: bool
) -> None:
    _, handle = await office.asked(ada, general, secret=secret)

    for text in ("one", "two"):
        button = Button(text, f"t:{text}")
        await sending.send(office.chunk(general, text, via=handle, buttons=(button,)))

    assert [
        (each.text, each.ephemeral, each.loading, each.buttons) for each in seen(ada, general)
    ] == [
        ("one", secret, False, (("one",),)),
        ("two", secret, False, (("two",),)),
    ]
    assert len(general.bots()) == (0 if secret else 2)


async def test_what_announced_nothing_is_answered_by_messages_of_their_own(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    _, handle = await office.asked(ada, general, announced=False)

    for text in ("one", "two"):
        await sending.send(office.chunk(general, text, via=handle))

    assert server.called(FILL) == []
    assert texts(ada, general) == ["one", "two"]


async def test_a_long_answer_comes_as_a_file_through_its_interaction(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    _, handle = await office.asked(ada, general, secret=True)

    await sending.send(office.chunk(general, "Many words of it. " * 1_000, via=handle))

    (shown,) = seen(ada, general)
    assert (shown.ephemeral, list(shown.files)) == (True, ["answer.md"])


async def test_an_answer_whose_arrival_nobody_knows_of_is_seen_once(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    _, handle = await office.asked(ada, general)
    chunk = office.chunk(general, "one", via=handle)
    server.faults.befall(FILL, *[ConnectionCut(carried_out=True)] * 3)

    with pytest.raises(OutcomeUnknown):
        await sending.send(chunk)
    await sending.send(replace(chunk, uncertain=True))
    await sending.send(office.chunk(general, "two", via=handle))

    assert texts(ada, general) == ["one", "two"]


async def test_a_first_chunk_that_could_not_be_noted_at_first_is_noted_before_it_is_sent(
    office: PostOffice, ada: Person, general: Channel
) -> None:
    class FullAtFirst(MemoryState):
        full = True

        async def put(self, key: str, value: str) -> None:
            if self.full:
                self.full = False
                raise OSError("disk full")
            await super().put(key, value)

    state = FullAtFirst()
    office.states = lambda _name: state
    _, handle = await office.asked(ada, general)
    first, second = (office.chunk(general, text, via=handle) for text in ("one", "two"))
    async with office.opened() as before:
        with pytest.raises(OutcomeUnknown):
            await before.send(first)
        await before.send(first)

    async with office.opened() as after:
        await after.send(second)

    assert texts(ada, general) == ["one", "two"]


async def test_answers_given_at_once_are_all_known_after_a_kill(
    office: PostOffice, ada: Person, guild: Guild, general: Channel
) -> None:
    class OvertakenOnce(MemoryState):
        """Its first write takes longer than those begun after it."""

        begun, over = False, anyio.Event()

        async def put(self, key: str, value: str) -> None:
            if not self.begun:
                self.begun = True
                await self.over.wait()
            await super().put(key, value)

    state = OvertakenOnce()
    office.states = lambda _name: state
    places = (general, guild.channel("other"))
    handles = [(await office.asked(ada, each))[1] for each in places]
    async with office.opened() as before, anyio.create_task_group() as sends:
        for place, handle in zip(places, handles, strict=True):
            sends.start_soon(before.send, office.chunk(place, "one", via=handle))
        await anyio.wait_all_tasks_blocked()
        state.over.set()

    async with office.opened() as after:
        for place, handle in zip(places, handles, strict=True):
            await after.send(office.chunk(place, "two", via=handle))

    assert [texts(ada, each) for each in places] == [["one", "two"]] * 2


async def test_after_a_kill_the_same_chunk_takes_the_same_place(
    office: PostOffice, ada: Person, general: Channel
) -> None:
    _, handle = await office.asked(ada, general)
    first, second = (office.chunk(general, text, via=handle) for text in ("one", "two"))
    async with office.opened() as before:
        await before.send(first)

    async with office.opened() as after:
        await after.send(first)
        await after.send(second)

    assert texts(ada, general) == ["one", "two"]


async def test_an_answer_that_never_came_leaves_its_place_to_the_next(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    _, handle = await office.asked(ada, general)
    server.faults.befall(FILL, refusing(Refused(400, 50006, "Cannot send an empty message")))
    with pytest.raises(MessageRejected):
        await sending.send(office.chunk(general, "one", via=handle))

    await sending.send(office.chunk(general, "two", via=handle))

    assert [(each.text, each.loading) for each in seen(ada, general)] == [("two", False)]


async def test_an_announcement_that_the_person_put_away_is_answered_all_the_same(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    interaction, handle = await office.asked(ada, general)
    assert interaction.original is not None
    server.world.remove(general, interaction.original)

    await sending.send(office.chunk(general, "one", via=handle))

    assert texts(ada, general) == ["one"]


async def test_trouble_on_the_way_is_told_and_the_answer_comes_later(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    _, handle = await office.asked(ada, general)
    chunk = office.chunk(general, "one", via=handle)
    server.faults.befall(FILL, server_error(503), rate_limited(70))

    for error in (TemporaryFailure, RateLimited):
        with pytest.raises(error) as raised:
            await sending.send(chunk)
        assert type(raised.value) is error
    await sending.send(chunk)

    assert texts(ada, general) == ["one"]


# When it is too late


async def test_a_late_answer_for_one_persons_eyes_goes_to_their_private_chat(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    _, handle = await office.asked(ada, general, secret=True)
    office.time.advance(HOLDS + 1)

    await sending.send(office.chunk(general, "one", via=handle))

    assert [each.text for each in ada.dm.bots()] == ["one"]
    assert general.bots() == ()
    assert server.called(FILL) == []


async def test_a_late_answer_for_all_goes_to_the_channel(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    _, handle = await office.asked(ada, general)
    server.faults.befall(FILL, refusing(Refused(404, 10015, "Unknown Webhook")))

    for text in ("one", "two"):
        await sending.send(office.chunk(general, text, via=handle))

    assert [each.text for each in general.bots() if not each.loading] == ["one", "two"]
    assert len(server.called(FILL) + server.called(FOLLOW_UP)) == 1


async def test_a_late_answer_takes_no_preview_of_another_over(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    _, handle = await office.asked(ada, general)
    await shows(sending, office, general, "so far")
    office.time.advance(HOLDS)

    await sending.send(office.chunk(general, "late", via=handle))
    await sending.send(office.chunk(general, "all"))

    assert [each.text for each in general.bots() if not each.loading] == ["all", "late"]


async def test_a_token_that_is_refused_says_nothing_of_the_bots_own(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    _, handle = await office.asked(ada, general, secret=True)
    server.faults.befall(FILL, refusing(Refused(401, 50027, "Invalid Webhook Token")))

    await sending.send(office.chunk(general, "one", via=handle))

    assert [each.text for each in ada.dm.bots()] == ["one"]
    assert sending.trouble == ""


@pytest.mark.parametrize("secret", [True, False])
async def test_where_the_bot_is_not_at_home_the_rest_of_many_goes_to_the_private_chat(
    office: PostOffice, sending: Sending, ada: Person, server: DiscordServer, secret: bool
) -> None:
    elsewhere = server.guild("Theirs", ada, bot=False).channel("general")
    ada.installs_bot()
    _, handle = await office.asked(ada, elsewhere, secret=secret)

    for number in range(8):
        await sending.send(office.chunk(elsewhere, f"{number}", via=handle))

    assert texts(ada, elsewhere) == ["0", "1", "2", "3", "4", "5"]
    assert [each.text for each in ada.dm.bots()] == ["6", "7"]


async def test_whoever_takes_no_private_messages_makes_no_channel_unreachable(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    _, handle = await office.asked(ada, general, secret=True)
    office.time.advance(HOLDS)
    ada.closes_dms()

    with pytest.raises(MessageRejected):
        await sending.send(office.chunk(general, "one", via=handle))
    with pytest.raises(ChatUnreachable):
        await sending.send(office.chunk(ada, "one", via=handle))

    assert general.bots() == ()


async def test_an_answer_for_nobody_knows_whose_eyes_is_not_shown(
    office: PostOffice, sending: Sending, general: Channel
) -> None:
    with pytest.raises(MessageRejected):
        await sending.send(replace(office.chunk(general), answer_via='{"of": "another version"}'))

    assert general.bots() == ()


async def test_what_is_kept_of_answers_may_be_of_another_version(
    office: PostOffice, ada: Person, general: Channel
) -> None:
    await office.states("discord").put("first_answers", '{"not": "ours"}')
    _, handle = await office.asked(ada, general)

    async with office.opened() as sending:
        await sending.send(office.chunk(general, "one", via=handle))

    assert texts(ada, general) == ["one"]

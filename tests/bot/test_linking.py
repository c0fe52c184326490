"""`/link` and `/unlink`: one person on a platform that pushes and at the terminal becomes one user."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from adapters.base import Receipt
from adapters.feed import FeedPreview
from adapters.terminal.conversation import Conversation
from agentcore.errors import BadInput, ModelRefused, NotFound
from agentcore.model import ModelAnswer, ModelRequest
from agentcore.records import OWNER, Address, AgentId
from agentcore.testing import ScriptedModel, ScriptLine
from bot.door.people import users_link
from bot.texts import text_of
from tests.bot.commands.test_undo import noting
from tests.house import PATIENCE, House, address_of
from tests.pushed import GROUP, Town, town

CELLO, LISBON = "Plays the cello.", "Lives in Lisbon."


def place(who: str) -> Address:
    return Address(str(address_of(who)))


def today() -> str:
    return datetime.now(UTC).date().isoformat()


async def code_of(there: Town, who: str = "ada") -> str:
    """The code that somebody is given on the platform."""
    count = len(there.seen(who))
    await there.write(who, "/link")
    shown = (await there.until(who, count + 1))[-1]
    found = re.search(r"/link ([0-9A-Z]{4}-[0-9A-Z]{4})", shown)
    assert found is not None, shown
    return found[1]


async def shown_at_the_terminal(there: Town, who: str = "ada") -> Receipt:
    return await there.home.accept(who, f"/link {await code_of(there)}")


def confirmation(receipt: Receipt) -> str:
    found = re.search(r"/link yes #\d+", receipt.text)
    assert found is not None, receipt.text
    return found[0]


async def linked(there: Town, who: str = "ada") -> Receipt:
    shown = await shown_at_the_terminal(there, who)
    return await there.home.accept(who, confirmation(shown))


async def noted(there: Town, who: str = "ada", text: str = "I play the cello") -> None:
    """Told on the platform."""
    count = len(there.seen(who))
    await there.write(who, text)
    await there.until(who, count + 2)


async def noted_at_the_terminal(home: House, who: str = "ada") -> None:
    receipt = await home.accept(who, "I live in Lisbon")
    await home.heard(who, until=receipt.position)


async def memory_of(there: Town, agent_id: AgentId) -> str:
    blocks = await there.home.parts.store.for_agent(agent_id, OWNER).blocks()
    return next(block.value for block in blocks if block.label == "human")


async def agents(there: Town) -> list[AgentId]:
    """Oldest first."""
    found = await there.home.parts.store.list_agents()
    return [each.agent_id for each in sorted(found, key=lambda each: each.created_at)]


def both(*more: ScriptLine) -> ScriptedModel:
    """What is needed for a fact on either side, then `more`."""
    model = ScriptedModel(*noting(CELLO), *noting(LISBON))
    model.add(*more)
    return model


NOTHING_THE_SAME = json.dumps({"same": []})


async def test_what_was_told_in_one_place_is_known_in_both_once_they_are_linked(
    tmp_path: Path,
) -> None:
    model = both(NOTHING_THE_SAME, "I know.", "I know, too.")
    async with town(tmp_path, model) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        assert LISBON not in str(model.requests[:2])
        assert CELLO not in str(model.requests[2:])

        receipt = await linked(there)
        assert receipt.outcome == "answered"
        assert "What belongs together now: Pushed and the terminal." in receipt.text
        told = (await there.until("ada", 5))[-1]
        assert told.startswith("Accounts of yours are linked now (Pushed and the terminal)")
        assert there.seen("ada")[-2].startswith("Your code was brought to me (the terminal)")

        position = (await there.home.accept("ada", "What do you know of me?")).position
        await there.home.heard("ada", until=position)
        await there.write("ada", "And here?")
        await there.until("ada", 6)
    at_the_terminal, on_the_platform = str(model.requests[-2]), str(model.requests[-1])
    assert CELLO in at_the_terminal
    assert LISBON in at_the_terminal
    assert CELLO in on_the_platform
    assert LISBON in on_the_platform, "the turn begins with what came along"


async def test_both_memories_are_shown_first_and_nothing_is_kept_of_that(tmp_path: Path) -> None:
    async with town(tmp_path, both()) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        shown = await shown_at_the_terminal(there)
        feed = await there.home.parts.store.feed(place("ada"))
        assert "only go on if you asked for this code yourself" in shown.text.lower()
        assert f"Here (the terminal):\nAbout you:\n• {LISBON}" in shown.text
        assert f"There (Pushed):\nAbout you:\n• {CELLO}" in shown.text
        assert "The one who answers you on Pushed stays" in shown.text
        assert not [notice for notice in feed.notices if "link" in notice.key]
        assert len(await agents(there)) == 2


async def test_a_button_confirms_it(tmp_path: Path) -> None:
    """Asked for at the terminal, brought to the platform."""
    async with town(tmp_path, both(NOTHING_THE_SAME)) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        given = await there.home.accept("ada", "/link")
        found = re.search(r"/link ([0-9A-Z-]{9})", given.text)
        assert found is not None
        await there.write("ada", f"/link {found[1].lower()}")
        shown = await there.until("ada", 4)
        assert LISBON in shown[-2]
        await there.write("ada", pressed=there.buttons("ada")["Yes, make us one"])
        assert (await there.until("ada", 5))[-1].startswith("Done.")
        assert await memory_of(there, (await agents(there))[0]) == f"{CELLO}\n{LISBON}"
        again = await there.write("ada", pressed=there.buttons("ada")["Yes, make us one"])
    assert again.text == text_of("reply.link_already", {}, "en")


async def test_a_model_says_what_is_the_same_and_invents_nothing(tmp_path: Path) -> None:
    answer = json.dumps(
        {
            "same": [
                {"block": "human", "from": ["A1", "B1"], "line": "Plays the cello in Lisbon."},
                {"block": "human", "from": ["A1", "B1"], "line": "Owns a boat."},
            ]
        }
    )
    model = both(f"```json\n{answer}\n```")
    begun = today()
    async with town(tmp_path, model) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        await linked(there)
        first = (await agents(there))[0]
        assert await memory_of(there, first) == "Plays the cello in Lisbon."
        parted = await unlinked(there)
        assert "Taken back." in parted.text
        assert await memory_of(there, first) == CELLO
    asked = str(model.requests[-1]).replace("\\n", "\n")
    assert any(f"A1 {day} | {CELLO}" in asked for day in {begun, today()})


def broken(_request: ModelRequest) -> ModelAnswer:
    msg = "a bug in the model's adapter"
    raise RuntimeError(msg)


@pytest.mark.parametrize("failure", [ModelRefused("no"), broken], ids=["refused", "broken"])
async def test_a_model_that_fails_costs_no_line(tmp_path: Path, failure: ScriptLine) -> None:
    async with town(tmp_path, both(failure)) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        await linked(there)
        assert await memory_of(there, (await agents(there))[0]) == f"{CELLO}\n{LISBON}"


async def unlinked(there: Town) -> Receipt:
    listed = await there.home.accept("ada", "/unlink")
    found = re.search(r"/unlink \d+", listed.text)
    assert found is not None, listed.text
    return await there.home.accept("ada", found[0])


async def test_unlinking_gives_each_place_its_own_memory_again(tmp_path: Path) -> None:
    model = both(NOTHING_THE_SAME, "I am another one.")
    async with town(tmp_path, model) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        await linked(there)
        first, second = await agents(there)
        parted = await unlinked(there)
        told = (await there.until("ada", 6))[-1]
        assert parted.text.startswith("Taken back. On the terminal,")
        assert told.startswith("the terminal isn't linked with Pushed any more")
        assert await memory_of(there, first) == CELLO
        assert await memory_of(there, second) == LISBON
        position = (await there.home.accept("ada", "Who are you?")).position
        heard = await there.home.heard("ada", until=position)
        assert "I am another one." in str(heard)
    assert CELLO not in str(model.requests[-1])


async def test_where_a_line_came_from_and_that_they_were_linked_can_be_asked(
    tmp_path: Path,
) -> None:
    begun = today()
    async with town(tmp_path, both(NOTHING_THE_SAME)) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        await linked(there)
        await there.until("ada", 5)
        await there.write("ada", "/why Lisbon")
        why = (await there.until("ada", 6))[-1]
        await there.write("ada", "/privacy")
        privacy = (await there.until("ada", 7))[-1]
    came = "It came along on {}, when you linked the terminal."
    assert any(came.format(day) in why for day in {begun, today()})
    assert "another platform was linked" in privacy


async def test_who_is_not_let_in_is_let_in_by_a_code(tmp_path: Path) -> None:
    model = ScriptedModel("Hello Ada.", "Hello again.")
    async with town(tmp_path, model, access="pairing") as there:
        position = (await there.home.accept("ada", "Hello")).position
        await there.home.heard("ada", until=position)
        refused = await there.write("ada", "/link")
        assert refused.outcome == "refused"
        count = len(there.seen("ada"))
        given = await there.home.accept("ada", "/link")
        found = re.search(r"/link ([0-9A-Z-]{9})", given.text)
        assert found is not None
        await there.write("ada", f"/link {found[1]}")
        await there.until("ada", count + 2)
        assert (await there.write("ada", "Am I in?")).outcome == "refused"
        assert len(model.requests) == 1, "nothing of it reaches a model"
        await there.write("ada", pressed=there.buttons("ada")["Yes, make us one"])
        await there.write("ada", "Am I in?")
        await there.adapter.changes.until(lambda: "Hello again." in there.seen("ada"))
        assert len(await agents(there)) == 1


async def test_in_a_group_it_is_asked_for_in_private(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel()) as there:
        for command in ("/link", "/unlink", "/link ABCD-EFGH"):
            count = len(there.seen(GROUP))
            await there.write("ada", command, at=GROUP)
            answer = (await there.until(GROUP, count + 1))[-1]
            assert answer == text_of("reply.private_only", {}, None)


async def test_what_is_written_wrong_is_explained(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel()) as there:
        home = there.home
        assert "gives you a code" in (await home.accept("ada", "/link hello")).text
        assert "don't know that code" in (await home.accept("ada", "/link ABCD EFGH")).text
        assert "Begin anew" in (await home.accept("ada", "/link yes")).text
        assert "Nothing is linked" in (await home.accept("ada", "/unlink")).text
        assert "no such link" in (await home.accept("ada", "/unlink 12")).text
        given = await home.accept("ada", "/link")
        code = given.text.split("/link ")[1].split()[0]
        assert "your own" in (await home.accept("ada", f"/link {code}")).text


async def test_an_operator_links_two_users(tmp_path: Path) -> None:
    async with town(tmp_path, both(NOTHING_THE_SAME)) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        parts = there.home.parts
        people = [each.user_id for each in await parts.store.people()]
        done = await users_link(parts, {"first": people[0], "second": people[1]})
        assert done["platforms"] == ["pushed", "terminal"]
        assert (await there.until("ada", 3))[-1].startswith("Accounts of yours are linked")
        feed = await parts.store.feed(place("ada"))
        assert [notice.key for notice in feed.notices][-1] == "access.linked"
        assert await memory_of(there, done["agent_id"]) == f"{CELLO}\n{LISBON}"
        with pytest.raises(BadInput, match="one user already"):
            await users_link(parts, {"first": people[1], "second": people[1]})
        with pytest.raises(NotFound, match="familiar users list"):
            await users_link(parts, {"first": people[0], "second": people[1]})
        assert "takes it back" in (await there.home.accept("ada", "/unlink")).text


async def test_what_was_forgotten_while_linked_does_not_come_back(tmp_path: Path) -> None:
    """Of the place that it came from either: nothing of it is said there again."""
    model = both(NOTHING_THE_SAME, "I can't say.")
    async with town(tmp_path, model) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        await linked(there)
        await there.until("ada", 5)
        await there.write("ada", "/forget Lisbon")
        await there.until("ada", 6)
        await there.write("ada", pressed=there.buttons("ada")["Forget all of it"])
        await there.until("ada", 7)
        await unlinked(there)
        first, second = await agents(there)
        assert await memory_of(there, first) == CELLO
        assert LISBON not in await memory_of(there, second)
        position = (await there.home.accept("ada", "Where do I live?")).position
        await there.home.heard("ada", until=position)
    asked = str(model.requests[-1])
    assert LISBON not in asked
    assert "I live in Lisbon" not in asked


class Screen:
    """A terminal: what was said on it, and how often all of that was erased."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.erased = 0

    def reply(self, text: str) -> None:
        self.said.append(text)

    def remark(self, text: str) -> None:
        self.said.append(text)

    def preview(self, event: FeedPreview) -> None:
        """Pieces aren't looked at."""

    def settle(self) -> None:
        """Nor is this."""

    def forget(self) -> None:
        self.erased += 1


async def test_a_terminal_that_stays_open_waits_for_whoever_answers_there(tmp_path: Path) -> None:
    """However far the numbers of the agent before had come; and nothing was erased."""
    before, since = "The one from before.", "The one that stays."
    model = both(*[before] * 3, NOTHING_THE_SAME, since, since, before, before)
    async with town(tmp_path, model) as there, anyio.create_task_group() as tasks:
        await noted(there)
        await noted_at_the_terminal(there.home)
        screen = Screen()
        talk = Conversation(there.home.parts.gateway, "ada", screen, screen.forget)
        tasks.start_soon(talk.follow)
        await talk.begin()
        with anyio.fail_after(PATIENCE):
            for _ in range(3):
                assert await talk.say("Who is there?")
            await linked(there)
            for _ in range(2):
                assert await talk.say("Who is there now?")
                assert screen.said[-1] == since
            await unlinked(there)
            for _ in range(2):
                assert await talk.say("And now?")
                assert screen.said[-1] == before
        tasks.cancel_scope.cancel()
    assert [each for each in screen.said if each in {before, since}] == [
        *[before] * 3,
        *[since] * 2,
        *[before] * 2,
    ]
    assert screen.erased == 0

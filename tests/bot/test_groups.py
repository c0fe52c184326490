"""Chats of several: who answers there, what is heard, and that nothing private is shown."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from agentcore.clock import DAY, MINUTE
from agentcore.records import OWNER
from agentcore.testing import FakeClock, ScriptedModel
from tests.bot.commands.test_undo import noting
from tests.house import PATIENCE
from tests.pushed import GROUP, Town, town

PRIVATE_ONLY = "That works only when we are alone, in a private chat."


async def kinds(there: Town) -> list[str]:
    return sorted(agent.owner_kind for agent in await there.home.parts.store.list_agents())


async def test_a_forum_has_one_agent_and_each_topic_its_own_thread(tmp_path: Path) -> None:
    model = ScriptedModel("One.", "Two.", "Three.")
    async with town(tmp_path, model) as there:
        await there.write("ada", "First topic", at="forum/1")
        await there.until("forum", 1)
        await there.write("bob", "Second topic", at="forum/2")
        await there.until("forum", 2)
        await there.write("bob", "No topic", at="forum")
        await there.until("forum", 3)
        assert await kinds(there) == ["chat"]
    assert [each.address.topic for each in there.adapter.sent] == ["1", "2", None]
    assert "First topic" not in model.requests[1].prompt[-1].text
    assert len(model.requests[1].prompt) == len(model.requests[0].prompt)


async def test_what_is_said_to_others_is_ignored(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(), at_work=False) as there:
        receipt = await there.write("ada", "Hi Bob", at=GROUP, addressed=False)
        command = await there.write("ada", "/delete", at=GROUP, addressed=False)
        private = await there.write("ada", "Hi", addressed=False)
        assert await kinds(there) == ["user"]
    assert [each.outcome for each in (receipt, command, private)] == [
        "ignored",
        "ignored",
        "accepted",
    ]


async def test_the_terms_are_told_once_to_a_group_and_to_each_member_alone(tmp_path: Path) -> None:
    model = ScriptedModel("One.", "Two.", "Three.", "Four.")
    async with town(tmp_path, model, first_contact=True) as there:
        await there.write("ada", "Hi", at=GROUP)
        await there.until(GROUP, 2)
        await there.write("bob", "Hi", at=GROUP)
        in_the_group = await there.until(GROUP, 3)
        await there.write("bob", "Hi")
        alone = await there.until("bob", 2)
        await there.write("bob", "Hi again")
        alone_later = await there.until("bob", 3)
    assert [text.startswith("Before we begin") for text in in_the_group] == [True, False, False]
    assert [text.startswith("Before we begin") for text in alone] == [True, False]
    assert alone_later[-1] == "Four."


async def test_an_admin_lets_it_listen_in_the_whole_chat(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("I see.", "Yes?"), first_contact=False) as there:
        await there.write("eve", "/listen on", at="forum/1")
        await there.write("ada", "/listen on", at="forum/1", admin=True)
        await there.write("bob", "Nice weather", at="forum/2", addressed=False)
        await there.until("forum", 3)
        quiet = await there.write("bob", at="forum/2", addressed=False, unreadable="photo")
        await there.write("bob", "/listen", at="forum")
        await there.write("ada", "/listen OFF", at="forum", admin=True)
        await there.write("ada", "/listen", at="forum")
        later = await there.write("bob", "Still nice", at="forum/2", addressed=False)
        await there.write("ada", "/listen on")
        told = await there.until("forum", 6)
        (alone,) = await there.until("ada", 1)
    assert (quiet.outcome, later.outcome) == ("ignored", "ignored")
    assert told[0] == "Only those who look after this group can change that."
    assert told[1].startswith("From now on I read and answer everything")
    assert told[2] == "I see."
    assert told[3].startswith("I answer everything")
    assert told[4].startswith("From now on I only take in")
    assert told[5].startswith("I answer when somebody mentions me")
    assert alone == "That is for groups: here, I listen to you anyway."


async def test_it_listens_on_when_the_chat_could_not_be_reached_for_a_while(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("One.", "Two.")) as there:
        await there.write("ada", "/listen on", at=GROUP, admin=True)
        await there.until(GROUP, 1)
        there.adapter.blocked.add(GROUP)
        await there.write("ada", "Hello", at=GROUP)
        with anyio.fail_after(PATIENCE):
            while not (await there.home.parts.store.counts())["unreachable"]:
                await anyio.lowlevel.checkpoint()
        there.adapter.blocked.clear()
        await there.write("ada", "Hello again", at=GROUP, addressed=False)
        assert (await there.until(GROUP, 2))[-1] == "Two."


async def test_where_groups_are_off_they_are_told_once_a_day_and_nothing_is_kept(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    async with town(tmp_path, ScriptedModel(), groups="off", clock=clock, at_work=False) as there:
        receipts = [await there.write("ada", "Hi", at=f"forum/{n}") for n in range(3)]
        unheard = await there.write("bob", "Hi", at="forum", addressed=False)
        clock.advance(MINUTE)
        receipts.append(await there.write("bob", "/memory", at="forum"))
        clock.advance(DAY)
        receipts.append(await there.write("bob", "Hi", at="forum"))
        assert (await there.home.parts.store.counts())["to_send"] == 2
        assert await kinds(there) == []
        assert (await there.home.parts.store.counts())["users"] == 0
        private = await there.write("ada", "Hi")
    assert {each.outcome for each in receipts} == {"refused"}
    assert receipts[0].text == "I only talk in private chats: please write to me there."
    assert (unheard.outcome, private.outcome) == ("ignored", "accepted")


async def test_in_a_personal_group_each_member_s_own_agent_answers_with_what_is_public(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(*noting("Has a zebra."), "Hello Ada.", "Hello Bob.", "And you.")
    async with town(tmp_path, model, groups="personal") as there:
        await there.write("ada", "I have a zebra.")
        await there.until("ada", 2)
        await there.write("ada", "/share Likes tea.")
        await there.until("ada", 3)
        await there.write("ada", "Hi all", at=GROUP)
        await there.until(GROUP, 1)
        await there.write("bob", "Hi Ada", at=GROUP)
        assert await there.until(GROUP, 2) == ["Hello Ada.", "Hello Bob."]
        await there.write("bob", "Hi there")
        await there.until("bob", 1)
        assert await kinds(there) == ["user", "user"]
    adas, bobs = ("\n".join(map(str, model.requests[n].prompt)) for n in (2, 3))
    assert "Likes tea." in adas
    assert "zebra" not in adas
    assert "tea" not in bobs
    assert "Hi all" not in bobs


@pytest.mark.parametrize(
    "command", ["/usage", "/privacy", "/timezone", "/unforget", "/sleep", "/incognito", "/share x"]
)
async def test_in_a_personal_group_nothing_private_is_shown_or_changed(
    tmp_path: Path, command: str
) -> None:
    async with town(tmp_path, ScriptedModel(*noting("zebra")), groups="personal") as there:
        await there.write("ada", "I have a zebra.")
        await there.until("ada", 2)
        await there.write("ada", command, at=GROUP)
        assert await there.until(GROUP, 1) == [PRIVATE_ONLY]


async def test_in_a_shared_group_members_use_its_memory_and_erase_only_their_own(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(*noting("Ada likes tea.", "Bob likes rye bread."))
    async with town(tmp_path, model) as there:
        await there.write("ada", "I like tea", at=GROUP)
        await there.until(GROUP, 2)
        await there.write("bob", "I like rye bread", at=GROUP)
        await there.until(GROUP, 4)
        await there.write("ada", "/usage", at=GROUP)
        await there.write("ada", "/memory", at=GROUP)
        usage, memory = (await there.until(GROUP, 6))[4:]
        await there.write("bob", "/delete", at=GROUP)
        code = (await there.until(GROUP, 7))[-1].split("/delete ")[1].split()[0]
        await there.write("bob", f"/delete {code}", at=GROUP)
        await there.until(GROUP, 8)
        (agent,) = await there.home.parts.store.list_agents()
        blocks = await there.home.parts.store.for_agent(agent.agent_id, OWNER).blocks()
        await there.write("bob", "/new", at=GROUP)
        await there.until(GROUP, 9)
    assert usage == PRIVATE_ONLY
    assert "Ada likes tea." in memory
    assert "Bob likes rye bread." in memory
    (human,) = [block.value for block in blocks if block.label == "human"]
    assert human == "Ada likes tea."

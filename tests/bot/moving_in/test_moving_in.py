"""Moving in from a Letta server: everything once, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentcore.errors import BadInput
from agentcore.records import (
    OWNER,
    AgentId,
    Origin,
    PassageQuery,
    ReasoningPart,
    Role,
    ToolReturnPart,
)
from agentcore.records.identities import IdentityQuery
from agentcore.store import SearchQuery
from agentcore.testing import ScriptedModel
from bot.moving_in import source as sources
from bot.moving_in.source import SourceFailed
from tests.api_site import api_site
from tests.bot.moving_in.move import KEY, Killed, Move
from tests.house import house
from tests.simulators.letta_server import (
    LettaServer,
    Record,
    assistant_message,
    block,
    reasoning_message,
    tool,
    tool_call,
    tool_return,
    user_message,
)


def talk(server: LettaServer, agent: Record, count: int, *, in_view: bool = True) -> list[str]:
    """So many questions, each with its answer."""
    said = []
    for number in range(count):
        server.say(agent, user_message(f"question {number}"), in_view=in_view)
        server.say(
            agent, reasoning_message("hm"), assistant_message(f"answer {number}"), in_view=in_view
        )
        said += [f"question {number}", f"answer {number}"]
    return said


async def test_an_agent_comes_with_all_that_it_knows(move: Move) -> None:
    server = move.server
    weather = tool("weather", "def weather() -> str:\n    return 'rain'\n")
    own = [tool("conversation_search"), weather, tool("send_message")]
    sam = server.add_agent("Sam", block("human", "Name: Ada"), tools=own)
    server.say(sam, user_message("Out of view"), in_view=False)
    server.say(sam, user_message("I keep budgerigars"))
    server.say(sam, reasoning_message("look"), tool_call("weather", "call-1"))
    server.say(sam, tool_return("call-1", "rain"))
    server.say(sam, assistant_message("It rains."))
    server.keep(sam, "plum cake", "recipe")
    report = await move.run()

    agent = await move.agent(sam["id"])
    assert (agent.name, agent.system, agent.tools) == (
        "Sam",
        "You are Sam.",
        ("conversation_search", "weather"),
    )
    assert (agent.tags, agent.metadata, agent.time_zone) == (
        ("old",),
        {"team": 7},
        "Europe/Lisbon",
    )
    assert [each.role for each in agent.messages] == [
        Role.USER,
        Role.USER,
        Role.ASSISTANT,
        Role.TOOL,
        Role.ASSISTANT,
    ]
    assert agent.messages[2].parts[0] == ReasoningPart("look")
    assert agent.messages[3].parts == (
        ToolReturnPart("call-1", "weather", "rain", "success", Origin.TOOL),
    )
    assert agent.threads[0].first == "message-2"
    assert [(each.text, each.tags) for each in agent.passages] == [("plum cake", ("recipe",))]
    door = move.home.parts.store.for_agent(AgentId(sam["id"]), OWNER)
    assert [each.value for each in await door.blocks()] == ["Name: Ada"]
    hit, *_ = await door.search(SearchQuery("budgerigars"))
    assert hit.message.text == "I keep budgerigars"
    assert await door.archive.search(PassageQuery("plums"))

    assert list(report.tools_to_switch_on) == ["weather"]
    (kept,) = await move.home.parts.store.custom_tools.all()
    assert not kept.draft.enabled
    assert list(report.left_out) == [
        "The tool send_message: it is the other server's own.",
        "The model openai/gpt-4o-mini: it isn't offered here, so the service's own is used.",
    ]


async def test_long_histories_come_page_by_page_and_once(move: Move) -> None:
    sam = move.server.add_agent("Sam", block("human", ""))
    said = talk(move.server, sam, 130, in_view=False)
    said += talk(move.server, sam, 2)
    for number in range(150):
        move.server.keep(sam, f"passage {number}")
    await move.run()
    assert await move.texts(sam["id"]) == said
    assert len((await move.agent(sam["id"])).passages) == 150
    assert (await move.agent(sam["id"])).threads[0].first == "message-261"

    (told,) = (await move.run()).agents
    assert (told["messages"], told["passages"]) == (0, 0)
    assert await move.texts(sam["id"]) == said


async def test_what_is_said_there_meanwhile_comes_with_the_next_run(move: Move) -> None:
    sam = move.server.add_agent("Sam")
    said = talk(move.server, sam, 2)
    await move.run()
    said += talk(move.server, sam, 3)
    (told,) = (await move.run()).agents
    assert (told["messages"], await move.texts(sam["id"])) == (6, said)


async def test_it_goes_on_where_what_came_last_is_gone_there(move: Move) -> None:
    sam = move.server.add_agent("Sam")
    said = talk(move.server, sam, 2)
    move.server.keep(sam, "a poem")
    move.server.keep(sam, "a joke")
    await move.run()
    del move.server.messages[sam["id"]][-2:], move.server.passages[sam["id"]][-1]
    said += talk(move.server, sam, 1)
    move.server.keep(sam, "a riddle")
    (told,) = (await move.run()).agents
    assert (told["messages"], told["passages"]) == (2, 1)
    assert await move.texts(sam["id"]) == said


@pytest.mark.parametrize("dies_after", [2, 3, 5, 8])
async def test_killed_anywhere_it_goes_on_and_does_nothing_twice(
    move: Move, dies_after: int
) -> None:
    said = {}
    house_rules = block("house", "no smoking")
    for name in ("Sam", "Max"):
        agent = move.server.add_agent(name, block("human", name), house_rules)
        said[agent["id"]] = talk(move.server, agent, 60, in_view=False)
        said[agent["id"]] += talk(move.server, agent, 1)
        move.server.keep(agent, "a poem")
    move.dies_after = dies_after
    with pytest.raises(Killed):
        await move.run()
    move.dies_after = None
    await move.run()
    for agent_id, texts in said.items():
        assert await move.texts(agent_id) == texts
        here = await move.agent(agent_id)
        assert (len(here.passages), len(here.blocks)) == (1, 2)
        assert here.threads[0].first == "message-121"
    assert len(await move.home.parts.store.list_agents()) == 2


async def test_blocks_that_agents_share_stay_shared(move: Move) -> None:
    rules = block("house", "no smoking")
    ids = [move.server.add_agent(name, rules)["id"] for name in ("Sam", "Max")]
    # Also where they come one by one.
    await move.run("Sam")
    await move.run("Max")
    doors = [move.home.parts.store.for_agent(AgentId(each), OWNER) for each in ids]
    first, second = [(await door.blocks())[0] for door in doors]
    assert first == second
    assert first.block_id == rules["id"]


async def test_a_server_that_lists_agents_in_brief_is_asked_for_each(move: Move) -> None:
    move.server.brief = True
    rules, own = block("house", "no smoking"), tool("conversation_search")
    ids = [move.server.add_agent(name, rules, tools=[own])["id"] for name in ("Sam", "Max")]
    await move.run()
    for each in ids:
        agent = await move.agent(each)
        assert (agent.tools, agent.tags, len(agent.blocks)) == (
            ("conversation_search",),
            ("old",),
            1,
        )
    first, second = [await move.home.parts.store.for_agent(AgentId(i), OWNER).blocks() for i in ids]
    assert first == second


async def test_agents_move_from_one_service_of_ours_to_another(tmp_path: Path) -> None:
    model = ScriptedModel("Hello Ada!", "Good night.")
    folders = tmp_path / "old", tmp_path / "new"
    for each in folders:
        each.mkdir()
    async with api_site(folders[0], model) as old, house(folders[1]) as home:
        sam = await old.agent(name="Sam", memory_blocks=[{"label": "human", "value": "Name: Ada"}])
        for line in ("I am Ada.", "Good night."):
            await old.http.post(f"/v1/agents/{sam['id']}/messages", json={"input": line})
        move = Move(LettaServer(), old.url, home)
        await move.run()
        await move.run()
        agent = await move.agent(sam["id"])
        texts = await move.texts(sam["id"])
    assert texts == ["I am Ada.", "Hello Ada!", "Good night.", "Good night."]
    assert agent.threads[0].first == agent.messages[0].name


async def test_a_bad_connection_costs_nothing_but_time(move: Move) -> None:
    sam = move.server.add_agent("Sam")
    said = talk(move.server, sam, 3)
    move.server.troubles.extend([503, 429, None, 500, None])
    await move.run()
    assert await move.texts(sam["id"]) == said


async def test_a_server_that_stays_away_ends_it_with_advice(move: Move) -> None:
    move.server.add_agent("Sam")
    move.server.troubles.extend([503] * sources.TRIES)
    with pytest.raises(SourceFailed, match="goes on where it stopped"):
        await move.run()
    await move.run()


async def test_identities_come_along(move: Move) -> None:
    sam = move.server.add_agent("Sam")
    for key in ("customer-7", "telegram:123"):
        move.server.identities.append(
            {
                "id": f"identity-{key}",
                "identifier_key": key,
                "name": "Ada",
                "identity_type": "user",
                "agent_ids": [sam["id"]],
            }
        )
    report = await move.run()
    await move.run()
    (found,) = await move.home.parts.store.identities.identities(IdentityQuery())
    assert (found.key.external_id, found.agents) == ("customer-7", (sam["id"],))
    assert any("telegram:123" in each for each in report.left_out)


async def test_a_dry_run_writes_nothing(move: Move) -> None:
    sam = move.server.add_agent("Sam", block("human", ""))
    talk(move.server, sam, 1)
    report = await move.run(dry=True)
    assert [each["name"] for each in report.agents] == ["Sam"]
    assert await move.home.parts.store.list_agents() == ()


async def test_an_id_that_is_taken_here_is_left_to_its_agent(move: Move) -> None:
    sam = move.server.add_agent("Sam")
    talk(move.server, sam, 1)
    await move.run()
    async with move.server.running() as url:
        elsewhere = Move(move.server, url, move.home)
        for _ in range(2):
            (told,) = (await elsewhere.run()).agents
            assert told["id"] != sam["id"]
    assert len(await move.home.parts.store.list_agents()) == 2


@pytest.mark.parametrize(
    ("url", "token", "wanted", "says"),
    [
        (None, "wrong", (), "--token"),
        (None, KEY, ("nobody",), "nobody"),
        ("no address", KEY, (), "http://host:8283"),
        ("http://127.0.0.1:1", KEY, (), "can't be reached"),
        ("http://ada:swordfish@127.0.0.1:1", KEY, (), r"http://127.0.0.1:1 can't be reached"),
    ],
)
async def test_what_cannot_be_done_is_said_with_advice(
    move: Move, url: str | None, token: str, wanted: tuple[str, ...], says: str
) -> None:
    move.server.add_agent("Sam")
    move.url = url or move.url
    with pytest.raises(BadInput, match=says):
        await move.run(*wanted, token=token)

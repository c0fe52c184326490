"""Moving in from a server that says what no server should: what can be used comes, and a sentence
says of all else why it doesn't.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count, cycle
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from agentcore.records import OWNER, AgentId
from agentcore.records.identities import IdentityQuery
from bot.door.parts import COMMANDS
from bot.moving_in.shapes import LATEST
from bot.moving_in.source import LettaSource, SourceFailed
from tests.bot.moving_in.move import KEY, Move
from tests.simulators.letta_server import block, tool, user_message
from tests.simulators.loopback import serving


@asynccontextmanager
async def answering(*answers: Response) -> AsyncIterator[LettaSource]:
    """A server that gives these answers in turn, whatever it is asked."""
    left = cycle(answers)

    async def answer(_: Request) -> Response:
        return next(left)

    app = Starlette(routes=[Route("/{path:path}", answer)])
    async with serving(app) as url, LettaSource(url, None, first_pause=0) as source:
        yield source


def page(*ids: str, **more: Any) -> Response:
    return JSONResponse([{"id": each, **more} for each in ids])


async def test_pages_that_come_round_again_end() -> None:
    async with answering(page("a", "b"), page("c"), page("d")) as source:
        with pytest.raises(SourceFailed, match="again and again"):
            await source.whole("/v1/agents/", {})


async def test_pages_without_an_end_are_ended() -> None:
    numbers = count()

    async def answer(_: Request) -> Response:
        return page(f"message-{next(numbers)}")

    app = Starlette(routes=[Route("/{path:path}", answer)])
    async with serving(app) as url, LettaSource(url, None, most_pages=5) as source:
        with pytest.raises(SourceFailed, match="doesn't end after 5 pages"):
            await source.whole("/v1/agents/", {})
    assert next(numbers) == 5


@pytest.mark.parametrize(
    "answer",
    [
        Response("<h1>Sign in</h1>", media_type="text/html"),
        Response("[]", headers={"Content-Encoding": "gzip"}),
        Response(status_code=307, headers={"Location": "/v1/agents/"}),
        Response("[" * 100_000 + "]" * 100_000),
        Response('[{"id": ' + "9" * 5_000 + "}]"),
    ],
    ids=["page", "coding", "redirect", "depth", "number"],
)
async def test_what_cannot_be_read_is_told_in_a_sentence(answer: Response) -> None:
    async with answering(answer) as source:
        with pytest.raises(SourceFailed, match=r"answers GET /v1/agents/ with what can't be read"):
            await source.whole("/v1/agents/", {})


@pytest.mark.parametrize("agent_id", ["", "a" * 5_000, "a\x7fb", "a\nb", "\u00e4"])
async def test_what_has_no_id_to_ask_for_is_refused(agent_id: str) -> None:
    answer = Response(json.dumps([{"id": agent_id}]), media_type="application/json")
    async with answering(answer) as source:
        with pytest.raises(SourceFailed, match="without an id"):
            await source.whole("/v1/agents/", {})


@pytest.mark.parametrize("agent_id", ["../identities", "a/b", "a?b#c", "%2e%00", "a b"])
async def test_an_id_is_no_path_of_its_own(move: Move, agent_id: str) -> None:
    asked: list[bytes] = []
    sam = move.server.add_agent("Sam")
    sam |= {"id": agent_id, "message_ids": None}

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked.append(scope["raw_path"])
        await move.server.app()(scope, receive, send)

    async with serving(noting) as url:
        move.url = url
        with pytest.raises(SourceFailed, match="404"):
            await move.run(token=KEY)
    assert quote(agent_id, safe="").encode() == asked[-1].split(b"/")[3]


async def test_what_no_json_has_is_not_kept() -> None:
    said = '[{"id": "a", "x": [NaN, -Infinity, 1e999, 1.5], "\\ud800": "a\\u0000\\udc00"}]'
    async with answering(Response(said)) as source:
        (found,) = await source.get("/v1/agents/")
    assert found == {"id": "a", "x": [None, None, None, 1.5], "?": "a\N{REPLACEMENT CHARACTER}?"}


async def test_metadata_of_any_kind_come_as_what_can_be_written_out_again(move: Move) -> None:
    odd = {"number": float("nan"), "text": "\ud800"}
    sam = move.server.add_agent("Sam", block("human", "") | {"metadata": odd})
    sam["metadata"] = odd

    async def said(request: Request) -> Response:
        return Response(json.dumps([] if "after" in request.query_params else [sam]))

    app = move.server.app()
    app.router.routes.insert(0, Route("/v1/agents/", said))
    async with serving(app) as url:
        move.url = url
        await move.run()
    file = await COMMANDS["agents.export"](move.home.parts, {"who": sam["id"]})
    (agent,) = json.loads(file["file"], parse_constant=pytest.fail)["agents"]
    assert agent["metadata"] == {"number": None, "text": "?"}


async def test_numbers_and_times_that_nothing_can_be_are_held_to_what_can(move: Move) -> None:
    huge, last = 10**30, "9999-12-31T23:59:59.999999-23:59"
    source = tool("weather", "def weather() -> str:\n    return ''\n") | {"return_char_limit": huge}
    human = block("human", "Name: Ada") | {"limit": huge}
    sam = move.server.add_agent("Sam", human, tools=[source])
    sam |= {"context_window_limit": huge, "created_at": last}
    move.server.say(sam, user_message("Hi") | {"date": last})
    await move.run()
    agent = await move.agent(sam["id"])
    assert agent.context_window == 10**9
    assert agent.messages[0].created_at == LATEST
    door = move.home.parts.store.for_agent(AgentId(sam["id"]), OWNER)
    assert [each.limit for each in await door.blocks()] == [2_000_000]
    (kept,) = await move.home.parts.store.custom_tools.all()
    assert kept.draft.return_limit == 10**9


async def test_blocks_that_cannot_be_told_apart_come_once(move: Move) -> None:
    human, odd = block("human", "Ada"), block("", "Max")
    blocks = [human, odd, human | {"label": "other"}, odd | {"id": "x", "label": ["odd"]}]
    sam = move.server.add_agent("Sam", *blocks)
    await move.run()
    door = move.home.parts.store.for_agent(AgentId(sam["id"]), OWNER)
    assert [(each.label, each.value) for each in await door.blocks()] == [
        ("other", "Ada"),
        ("memory", "Max"),
    ]


async def test_a_message_of_no_kind_is_passed_over(move: Move) -> None:
    sam = move.server.add_agent("Sam")
    for kind in (["user_message"], {"a": 1}, 7, None):
        move.server.say(sam, user_message("Hi") | {"message_type": kind})
    move.server.say(sam, user_message("Hello"))
    await move.run()
    assert await move.texts(sam["id"]) == ["Hello"]


async def test_what_is_told_of_it_are_plain_short_lines(move: Move) -> None:
    odd = "\x1b[2J\n" + "x" * 10_000
    sam = move.server.add_agent(odd, tools=[tool(odd), {"name": {"odd": odd}}])
    sam |= {"llm_config": {"handle": odd}}
    max_ = move.server.add_agent("Max")
    max_["name"] = ["Max"]
    report = await move.run()
    assert len(report.agents) == 2
    assert len(report.left_out) == 3
    for line in (*move.told, *report.left_out):
        assert line.isprintable()
        assert len(line) < 200


async def test_of_two_tools_of_one_name_the_last_one_comes(move: Move) -> None:
    sources = ["def weather() -> str:\n    return ''\n", "def weather() -> int:\n    return 1\n"]
    move.server.add_agent("Sam", tools=[tool("weather", each) for each in sources])
    await move.run()
    (kept,) = await move.home.parts.store.custom_tools.all()
    assert kept.draft.source == sources[1]


async def test_an_agent_that_is_listed_twice_comes_once(move: Move) -> None:
    sam = move.server.add_agent("Sam", block("human", ""))
    move.server.add_agent("Max")
    move.server.agents.append(sam)
    report = await move.run()
    assert [each["name"] for each in report.agents] == ["Sam", "Max"]


@pytest.mark.parametrize("key", [None, 7, "", "x" * 5_000, ["customer"]])
async def test_an_identity_without_a_key_is_left_out(move: Move, key: object) -> None:
    sam = move.server.add_agent("Sam")
    told = {"id": "identity-1", "name": ["Ada"], "agent_ids": [sam["id"]]}
    move.server.identities.append({**told, "identifier_key": key, "identity_type": []})
    good = {**told, "id": "identity-2", "identifier_key": "customer-7", "identity_type": ["user"]}
    move.server.identities.append(good)
    report = await move.run()
    assert any("identity-1" in each for each in report.left_out)
    (found,) = await move.home.parts.store.identities.identities(IdentityQuery())
    assert (found.key.external_id, found.name) == ("customer-7", "customer-7")

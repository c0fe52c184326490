"""What a probe finds out about a model, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import pytest

from agentcore.offline_model import OfflineModel
from agentcore.providers import Patience, is_listed
from bot.models.clients import close_connections, model_of
from bot.models.probe import Probe, probe
from config.settings import load_settings
from tests.simulators.loopback import unused_port
from tests.simulators.openai_replies import Answer, Body, Call, Drop, Raw, Reply, Tokens, completion
from tests.simulators.openai_server import API_KEY, OpenAIServer

TOKENS = Tokens(100, 10)
BLUE = Call("save_colour", '{"colour": "blue"}')


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    yield
    await close_connections()


def able(body: Body) -> Reply:
    """Does what it is told."""
    if body.get("tools"):
        return Answer(calls=(BLUE,), tokens=TOKENS)
    return Answer("one, two, three, four, five", tokens=TOKENS)


def with_tools(reply: Reply) -> Callable[[Body], Reply]:
    return lambda body: reply if body.get("tools") else able(body)


def with_stream(reply: Callable[[Body], Reply]) -> Callable[[Body], Reply]:
    return lambda body: reply(body) if body.get("stream") else able(body)


async def probed(
    server: OpenAIServer, model: str = "gpt-4o-mini", key: str = API_KEY, **more: str
) -> Probe:
    return await probed_at(server.base_url, model, key, **more)


async def probed_at(url: str, model: str, key: str = API_KEY, **more: str) -> Probe:
    settings = load_settings(
        {
            "FAMILIAR_MODEL": f"openai/{model}",
            "FAMILIAR_MODEL_BASE_URL": url,
            "FAMILIAR_MODEL_API_KEY": key,
            **more,
        }
    )
    bare = model_of(settings.model, settings, Patience(retries=0))
    return await probe(
        bare, listed=is_listed(settings.model), wished_window=settings.context_window
    )


def found(of: Probe) -> dict[str, bool]:
    return {check.name: check.good for check in of.checks}


async def test_a_model_that_can_do_it_all() -> None:
    async with OpenAIServer(brain=able) as server:
        result = await probed(server)

    assert found(result) == {"answer": True, "tools": True, "stream": True, "window": True}
    assert result.good
    assert "128,000 tokens" in result.checks[-1].text
    assert result.cost == 3 * 21, "three calls of 100 + 10 tokens"
    assert all(body["max_tokens"] <= 1_000 for body in server.requests)


async def test_a_wrong_key_is_said_to_be_wrong_and_not_shown() -> None:
    async with OpenAIServer(brain=able) as server:
        result = await probed(server, key="sk-mistyped")

    assert found(result) == {"answer": False, "window": True}
    assert "refused the API key" in result.checks[0].text
    assert result.checks[0].fix
    assert "sk-mistyped" not in str(result)
    assert len(server.keys) == 1, "asked once: it will not get better"


async def test_a_model_that_is_not_there() -> None:
    async with OpenAIServer(brain=able) as server:
        result = await probed(server, "gpt-9")

    assert not result.good
    assert "has no model openai/gpt-9" in result.checks[0].text


async def test_a_server_that_is_not_there() -> None:
    result = await probed_at(f"http://127.0.0.1:{unused_port()}/v1", "gpt-4o-mini")

    assert found(result) == {"answer": False, "window": True}
    assert "connection to openai/gpt-4o-mini failed" in result.checks[0].text
    assert "address" in result.checks[0].fix


@pytest.mark.parametrize(
    "reply", [Raw(b"<html>Welcome!</html>", "text/html"), Raw(b'{"ok": true}'), Drop()]
)
async def test_an_answer_that_is_no_chat_completion(reply: Reply) -> None:
    async with OpenAIServer(brain=lambda _: reply) as server:
        result = await probed(server)

    assert found(result) == {"answer": False, "window": True}
    assert result.checks[0].fix


async def test_a_model_with_nothing_to_say() -> None:
    async with OpenAIServer(brain=lambda _: Answer("")) as server:
        result = await probed(server)

    assert "says nothing" in result.checks[0].text


@pytest.mark.parametrize(
    "reply",
    [
        Answer("I have saved the colour blue for you!"),
        Answer(calls=(Call("save_color", '{"colour": "blue"}'),)),
        Answer(calls=(Call("save_colour", '{"colour": '),)),
        Answer(calls=(Call("save_colour", "{}"),)),
    ],
    ids=["talks", "another tool", "broken arguments", "no arguments"],
)
async def test_a_model_that_calls_no_tools_will_not_remember_by_itself(reply: Reply) -> None:
    async with OpenAIServer(brain=with_tools(reply)) as server:
        result = await probed(server)

    assert found(result) == {"answer": True, "tools": False, "stream": True, "window": True}
    assert "not remember by itself" in result.checks[1].fix


async def test_a_model_that_refuses_tools_is_still_asked_for_the_rest() -> None:
    async with OpenAIServer(brain=able) as server:
        result = await probed(server, "toolless")

    assert found(result) == {"answer": True, "tools": False, "stream": True, "window": True}
    assert "refused the tools" in result.checks[1].text


def whole(body: Body) -> Reply:
    return Raw(json.dumps(completion(Answer("one, two, three"), body["model"])).encode())


@pytest.mark.parametrize(
    "reply",
    [whole, lambda _: Raw(b"", "text/event-stream"), lambda _: Raw(b"<html></html>", "text/html")],
    ids=["a whole answer", "nothing", "a page"],
)
async def test_an_answer_that_is_no_stream_is_found(reply: Callable[[Body], Reply]) -> None:
    async with OpenAIServer(brain=with_stream(reply)) as server:
        result = await probed(server)

    assert found(result) == {"answer": True, "tools": True, "stream": False, "window": True}
    assert "turn streaming on" in result.checks[2].fix


async def test_an_answer_in_one_piece_will_do() -> None:
    one = Answer("one, two, three", fragment=1_000)
    async with OpenAIServer(brain=with_stream(lambda _: one)) as server:
        result = await probed(server)

    assert result.good
    assert "one piece" in result.checks[2].text


async def test_a_window_that_is_not_known_is_assumed_unless_it_is_set() -> None:
    async with OpenAIServer(brain=able) as server:
        assumed = await probed(server, "local-model")
        given = await probed(server, "local-model", FAMILIAR_CONTEXT_WINDOW="32000")

    assert "8,192 tokens are assumed" in assumed.checks[-1].text
    assert "FAMILIAR_CONTEXT_WINDOW" in assumed.checks[-1].fix
    assert "32,000 tokens, as you set it" in given.checks[-1].text
    assert assumed.cost is None, "an unknown price is no price"


async def test_the_stand_in_that_follows_rules_calls_no_tool_for_a_colour() -> None:
    result = await probe(OfflineModel(), listed=True, wished_window=None)

    assert found(result)["answer"]
    assert result.cost == 0

"""The model over plain HTTP: what all networked models do, and what is its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.direct_model import DirectModel, Endpoint, close_connections, endpoint_of, events
from agentcore.direct_model.endpoints import OPENAI
from agentcore.direct_model.events import EventReader
from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.model import (
    AssistantPrompt,
    Model,
    ModelRequest,
    ToolCall,
    ToolPrompt,
    UserPrompt,
)
from agentcore.providers import Patience, ProviderConfig
from tests.contracts.model_contract import ModelContract
from tests.contracts.model_costs import CostContract
from tests.contracts.model_harness import Connect, Ways, Wish, request_of
from tests.contracts.model_patience import PatienceContract
from tests.simulators.openai_replies import Answer, Failure, Raw
from tests.simulators.openai_rules import Refusal, no_credit
from tests.simulators.openai_server import API_KEY, OpenAIServer


def connected(base_url: str, wish: Wish) -> Model:
    async def sleep(seconds: float) -> None:
        wish.waits.append(seconds)

    config = ProviderConfig(
        f"openai/{wish.name}",
        api_base=base_url,
        api_key=wish.api_key,
        capabilities=wish.capabilities,
        timeout=wish.timeout,
    )
    endpoint = endpoint_of(config.name, base_url)
    assert endpoint is not None
    return DirectModel(config, endpoint, sleep=sleep)


def impatient(base_url: str) -> Model:
    """One that tries once."""
    config = ProviderConfig("openai/gpt-4o-mini", api_key=API_KEY, patience=Patience(retries=0))
    endpoint = endpoint_of(config.name, base_url)
    assert endpoint is not None
    return DirectModel(config, endpoint)


class TestDirectModel(ModelContract, PatienceContract, CostContract):
    @pytest.fixture(autouse=True)
    async def closed(self) -> AsyncIterator[None]:
        yield
        await close_connections()

    @pytest.fixture
    def connect(self) -> Connect:
        return connected

    async def test_sends_no_key_where_there_is_none(self) -> None:
        async with OpenAIServer(brain=lambda _: Answer("Hello"), api_key=None) as server:
            model = connected(server.base_url, Wish(api_key=""))
            await model.complete(ModelRequest((UserPrompt("Hi"),)))
        assert server.keys == [""]

    async def test_arguments_nested_too_deeply_to_read_can_be_sent_back(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Answer("Sorry."))
        deep = ToolCall("call_a", "memory_insert", "[" * 5_000 + "]" * 5_000)
        prompt = (
            UserPrompt("Hello"),
            AssistantPrompt("", (deep,)),
            ToolPrompt("call_a", "memory_insert", "The arguments are no JSON."),
        )
        assert (await ways.ask(connect(server.base_url, Wish()), request_of(*prompt))).text

    async def test_one_connection_serves_call_after_call(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(*[Answer("Hello there.")] * 4, Failure(no_credit()), Answer("Again."))
        model = connect(server.base_url, Wish())
        for _ in range(4):
            await ways.ask(model, request_of())
        with pytest.raises(ModelRefused):
            await ways.ask(model, request_of())
        await ways.ask(model, request_of())
        assert server.connections == 1

    @pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
    async def test_what_the_model_thought_is_kept_apart(
        self, server: OpenAIServer, connect: Connect, ways: Ways, key: str
    ) -> None:
        held = {key: "Two and two.", "content": "Four."}
        choice = {"index": 0, "finish_reason": "stop", "message": held, "delta": held}
        body = json.dumps({"choices": [choice]})
        server.script(
            Raw(f"data: {body}\n\ndata: [DONE]\n\n".encode() if ways.streamed else body.encode())
        )
        answer = await ways.ask(connect(server.base_url, Wish()), request_of())
        assert (answer.text, answer.reasoning) == ("Four.", "Two and two.")

    async def test_a_failure_told_amid_a_stream_is_what_it_says(
        self, server: OpenAIServer, connect: Connect
    ) -> None:
        told = [
            {"error": {"message": "overloaded", "code": 503}},
            {"error": {"message": "too long", "code": "context_length_exceeded"}},
            {"error": "out of memory"},
        ]
        outcomes = []
        for each in told:
            server.script(Raw(f"data: {json.dumps(each)}\n\n".encode(), "text/event-stream"))
            with pytest.raises(ModelError) as caught:
                await Ways(streamed=True).ask(impatient(server.base_url), request_of())
            outcomes.append(type(caught.value))
        assert outcomes == [ModelUnavailable, ContextOverflow, ModelUnavailable]

    @pytest.mark.parametrize(
        "message",
        [
            "Input length 9000 is longer than the maximum context length of this model",
            "the request exceeds the available context size, try increasing it",
            "Current length is 9000 while limit is 8192",
            "input tokens exceed the configured limit of 8192 tokens",
        ],
    )
    async def test_servers_say_in_many_ways_that_a_prompt_is_too_long(
        self, server: OpenAIServer, connect: Connect, ways: Ways, message: str
    ) -> None:
        server.script(Failure(Refusal(400, message)))
        with pytest.raises(ContextOverflow):
            await ways.ask(connect(server.base_url, Wish()), request_of())

    async def test_a_key_that_no_header_can_hold_is_refused_in_words(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        for key in ("schlüssel", "two\nlines"):
            with pytest.raises(ModelRefused, match="check the key"):
                await ways.ask(connect(server.base_url, Wish(api_key=key)), request_of())

    async def test_the_way_is_the_proxys_where_the_environment_names_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[bytes] = []

        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readline())
            writer.close()

        async with await asyncio.start_server(proxy, "127.0.0.1") as server:
            host, port = server.sockets[0].getsockname()
            monkeypatch.setenv("http_proxy", f"http://{host}:{port}")
            monkeypatch.setenv("https_proxy", f"http://{host}:{port}")
            for name in ("one", "two"):
                scheme = "http" if name == "one" else "https"
                with pytest.raises(ModelUnavailable):
                    await impatient(f"{scheme}://{name}.example/v1").complete(request_of())
        assert [each.split(b" ")[:2] for each in asked] == [
            [b"POST", b"http://one.example/v1/chat/completions"],
            [b"CONNECT", b"two.example:443"],
        ]

    async def test_a_server_that_proves_nothing_is_told_nothing(self) -> None:
        heard: list[bytes] = []

        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(await reader.read(1_000))
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(plain, "127.0.0.1") as server:
            host, port = server.sockets[0].getsockname()
            with pytest.raises(ModelUnavailable):
                await impatient(f"https://{host}:{port}/v1").complete(request_of())
        assert len(heard) == 1
        assert API_KEY.encode() not in heard[0]

    async def test_an_answer_without_end_is_left(
        self, server: OpenAIServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, ways: Ways
    ) -> None:
        monkeypatch.setattr(events, "MOST_BYTES", 1_000)
        server.script(Raw(b" " * 1_001))
        with pytest.raises(MalformedAnswer, match="longer than any"):
            await ways.ask(connect(server.base_url, Wish()), request_of())

    @pytest.mark.parametrize(
        "body",
        [
            {"choices": [{"message": {"content": 5}}]},
            {"choices": {"message": {}}},
            {"choices": [[]]},
            {"choices": [{"message": {"tool_calls": [5]}, "delta": {"tool_calls": [5]}}]},
        ],
    )
    async def test_what_has_another_shape_is_malformed(
        self, server: OpenAIServer, connect: Connect, ways: Ways, body: dict[str, Any]
    ) -> None:
        text = (
            json.dumps(body).replace('"message"', '"delta"') if ways.streamed else json.dumps(body)
        )
        server.script(Raw(f"data: {text}\n\n".encode() if ways.streamed else text.encode()))
        with pytest.raises(MalformedAnswer):
            await ways.ask(connect(server.base_url, Wish()), request_of())


@given(st.binary(max_size=60), st.lists(st.integers(1, 9), max_size=40))
def test_events_are_the_same_however_they_are_cut(noise: bytes, cuts: list[int]) -> None:
    stream = (
        b": hello\r\n\r\ndata: one\r\n\r\nevent: x\ndata:two\ndata: more\n\n\n\ndata: \xc3\xa4\n\n"
        + noise
    )
    whole, reader, parts = EventReader().feed(stream), EventReader(), []
    for size in cuts:
        parts += reader.feed(stream[:size])
        stream = stream[size:]
    parts += reader.feed(stream)
    assert whole[:3] == [b"one", b"two\nmore", b"\xc3\xa4"]
    assert parts == whole


def test_an_event_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST_EVENT", 100)
    reader, line = EventReader(), b"data: " + b"x" * 90
    reader.feed(line)
    reader.feed(line)
    with pytest.raises(MalformedAnswer):
        reader.feed(line)


@pytest.mark.parametrize(
    ("name", "base_url", "url", "model", "bound", "certain"),
    [
        ("openai/gpt-4o", None, OPENAI, "gpt-4o", "max_completion_tokens", True),
        ("gpt-4o", None, OPENAI, "gpt-4o", "max_completion_tokens", True),
        (
            "openai/my/llama",
            "http://127.0.0.1:1/v1/",
            "http://127.0.0.1:1/v1",
            "my/llama",
            "max_tokens",
            True,
        ),
        (
            "openai/gpt-5-mini",
            "http://127.0.0.1:1/v1",
            "http://127.0.0.1:1/v1",
            "gpt-5-mini",
            "max_completion_tokens",
            True,
        ),
        ("hosted_vllm/q", "http://127.0.0.1:1", "http://127.0.0.1:1", "q", "max_tokens", True),
        (
            "groq/llama-3.3-70b-versatile",
            None,
            "https://api.groq.com/openai/v1",
            "llama-3.3-70b-versatile",
            "max_tokens",
            False,
        ),
    ],
)
def test_knows_where_a_model_is(
    name: str, base_url: str | None, url: str, model: str, bound: str, certain: bool
) -> None:
    expected = Endpoint(f"{url}/chat/completions", model, bound, certain=certain)
    assert endpoint_of(name, base_url) == expected


@pytest.mark.parametrize(
    ("name", "base_url"),
    [
        ("anthropic/claude-sonnet-4-5", None),
        ("anthropic/claude-sonnet-4-5", "http://127.0.0.1:1/v1"),
        ("ollama_chat/llama3.1", "http://127.0.0.1:1/v1"),
        ("openai/o1-pro", None),  # it takes OpenAI's other interface alone
        ("claude-sonnet-4-5", None),
        ("hosted_vllm/q", None),
        ("openai/", None),
        ("nobody-knows", None),
    ],
)
def test_assumes_nothing_of_other_models(name: str, base_url: str | None) -> None:
    assert endpoint_of(name, base_url) is None

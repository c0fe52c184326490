"""What every model that is reached over the network must do: one body of tests for all of them.

Subclass `ModelContract` in a test module, name the class `Test…`, and give it a `connect` fixture:
a function from the simulator's base URL and a `Wish` to a `Model` whose waits between retries are
appended to the wish's list instead of being slept through.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Literal

import pytest

from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.model import (
    AssistantPrompt,
    Capabilities,
    ModelRequest,
    SystemPrompt,
    TextDelta,
    ToolCall,
    ToolPrompt,
    UserPrompt,
)
from tests.contracts.model_harness import (
    BOUND,
    INSERT,
    MARKER,
    SEARCH,
    Connect,
    ModelHarness,
    Ways,
    Wish,
    request_of,
)
from tests.simulators.openai_replies import (
    Answer,
    Call,
    Cut,
    Drop,
    Failure,
    Hang,
    Raw,
    Tokens,
)
from tests.simulators.openai_rules import (
    Refusal,
    no_credit,
    too_long,
)
from tests.simulators.openai_server import API_KEY, OpenAIServer


class ModelContract(ModelHarness):
    """The tests. `connect` is the subclass's."""

    async def test_answers_with_text_and_usage(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Answer("Hello there, Ada.", tokens=Tokens(1_000, 10, cached=640)))
        answer = await ways.ask(connect(server.base_url, Wish()), request_of())
        assert (answer.text, answer.tool_calls, answer.finish) == ("Hello there, Ada.", (), "stop")
        usage = answer.usage
        assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (
            1_000,
            10,
            640,
        )

    async def test_a_stream_shows_its_text_in_pieces_that_add_up(
        self, server: OpenAIServer, connect: Connect
    ) -> None:
        server.script(Answer("Hello there, Ada.", fragment=4))
        ways = Ways(streamed=True)
        answer = await ways.ask(connect(server.base_url, Wish()), request_of())
        assert len(ways.pieces) > 1
        assert "".join(ways.pieces) == answer.text

    async def test_sends_the_prompt_as_chat_messages(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Answer("Done."))
        prompt = (
            SystemPrompt("Be brief."),
            UserPrompt("My name is Ada."),
            AssistantPrompt("One moment.", (ToolCall("call_a", INSERT.name, INSERT.arguments),)),
            ToolPrompt("call_a", "memory_insert", "Saved."),
            AssistantPrompt("Nice to meet you."),
            UserPrompt("Thanks."),
        )
        await ways.ask(connect(server.base_url, Wish()), request_of(*prompt))
        messages = server.requests[0]["messages"]
        assert [m["role"] for m in messages] == [p.role for p in prompt]
        assert messages[2]["tool_calls"][0]["function"]["arguments"] == INSERT.arguments
        assert messages[3]["tool_call_id"] == "call_a"
        assert server.requests[0]["tools"][0]["function"]["name"] == "memory_insert"

    async def test_sends_the_bound_on_the_answers_length(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Answer("Brief", finish="length"))
        request = ModelRequest((UserPrompt("Hello"),), max_output=7)
        answer = await ways.ask(connect(server.base_url, Wish()), request)
        assert answer.finish == "length"
        sent = server.requests[0]
        assert sent.get("max_tokens", sent.get("max_completion_tokens")) == 7

    @pytest.mark.parametrize("ids", ["once", "repeated"])
    @pytest.mark.parametrize("indexes", ["counted", "zero"])
    async def test_parallel_calls_come_whole_and_apart(
        self,
        server: OpenAIServer,
        connect: Connect,
        ways: Ways,
        ids: Literal["once", "repeated"],
        indexes: Literal["counted", "zero"],
    ) -> None:
        server.script(Answer(calls=(INSERT, SEARCH), ids=ids, indexes=indexes, fragment=3))
        answer = await ways.ask(connect(server.base_url, Wish()), request_of())
        assert answer.finish == "tool_calls"
        assert answer.tool_calls == (
            ToolCall("call_a", INSERT.name, INSERT.arguments),
            ToolCall("call_b", SEARCH.name, SEARCH.arguments),
        )

    async def test_calls_without_ids_get_ids_of_their_own(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        calls = (Call(INSERT.name, INSERT.arguments, ""), Call(SEARCH.name, SEARCH.arguments, ""))
        server.script(Answer(calls=calls, ids="never"))
        answer = await ways.ask(connect(server.base_url, Wish()), request_of())
        assert [call.arguments for call in answer.tool_calls] == [
            INSERT.arguments,
            SEARCH.arguments,
        ]
        assert len({call.call_id for call in answer.tool_calls} - {""}) == 2

    async def test_unreadable_arguments_are_passed_on_and_can_be_sent_back(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        broken = '{"label": "human", new_str'
        server.script(Answer(calls=(Call("memory_insert", broken, "call_a"),)), Answer("Sorry."))
        model = connect(server.base_url, Wish())
        answer = await ways.ask(model, request_of())
        assert answer.tool_calls == (ToolCall("call_a", "memory_insert", broken),)
        prompt = (
            UserPrompt("Hello"),
            AssistantPrompt(answer.text, answer.tool_calls),
            ToolPrompt("call_a", "memory_insert", "The arguments are no JSON."),
        )
        assert (await ways.ask(model, request_of(*prompt))).text == "Sorry."

    async def test_an_empty_answer_is_an_answer(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Answer(""))
        answer = await ways.ask(connect(server.base_url, Wish()), request_of())
        assert (answer.text, answer.tool_calls) == ("", ())

    @pytest.mark.parametrize("abruptly", [True, False], ids=["torn", "ended in good order"])
    async def test_half_an_answer_is_none_and_is_not_shown_twice(
        self, server: OpenAIServer, connect: Connect, abruptly: bool
    ) -> None:
        server.script(Cut(Answer("Hello there, Ada."), events=3, abruptly=abruptly), Answer("No."))
        ways = Ways(streamed=True)
        with pytest.raises(ModelUnavailable) as caught:
            await ways.ask(connect(server.base_url, Wish()), request_of())
        assert ways.pieces == ["Hello", " ther"]
        assert caught.value.begun, "it is paid for"

    async def test_a_stream_that_stalls_is_not_shown_twice(
        self, server: OpenAIServer, connect: Connect
    ) -> None:
        server.script(Cut(Answer("Hello there"), events=2, hang=True), Answer("No."))
        ways = Ways(streamed=True)
        with pytest.raises(ModelUnavailable) as caught:
            await ways.ask(connect(server.base_url, Wish(timeout=1.0)), request_of())
        assert ways.pieces == ["Hello"]
        assert caught.value.begun, "it is paid for"

    @pytest.mark.parametrize("abruptly", [True, False], ids=["torn", "ended in good order"])
    async def test_a_stream_that_breaks_before_its_first_word_is_tried_again(
        self, server: OpenAIServer, connect: Connect, abruptly: bool
    ) -> None:
        server.script(Cut(Answer(calls=(INSERT,)), events=3, abruptly=abruptly), Answer("Again."))
        ways = Ways(streamed=True)
        assert (await ways.ask(connect(server.base_url, Wish()), request_of())).text == "Again."

    async def test_a_wrong_key_is_refused_without_another_try(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        wish = Wish(api_key="sk-mistyped-0123456789")
        with pytest.raises(ModelRefused, match="key") as caught:
            await ways.ask(connect(server.base_url, wish), request_of())
        assert "sk-" not in str(caught.value)
        assert wish.waits == []

    async def test_an_unknown_model_is_refused_by_name(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        with pytest.raises(ModelRefused, match="gpt-99"):
            await ways.ask(connect(server.base_url, Wish("gpt-99")), request_of())

    async def test_an_empty_account_is_refused_without_another_try(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Failure(no_credit()))
        with pytest.raises(ModelRefused, match="credit"):
            await ways.ask(connect(server.base_url, Wish()), request_of())

    async def test_a_prompt_beyond_the_window_is_told_apart(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Failure(too_long(128_000, 130_000)))
        with pytest.raises(ContextOverflow):
            await ways.ask(connect(server.base_url, Wish()), request_of())

    @pytest.mark.parametrize(
        "raw",
        [
            Raw(b"<html>Sign in to the hotel's wifi</html>", "text/html"),
            Raw(b'{"id": "x", "choi'),
            Raw(b'{"hello": 1}'),
            Raw(b'{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[]}'),
        ],
        ids=["a page", "half a body", "another object", "no choices"],
    )
    async def test_what_is_no_chat_completion_is_malformed(
        self, server: OpenAIServer, connect: Connect, ways: Ways, raw: Raw
    ) -> None:
        server.script(*[raw] * 10)
        # A stream with nothing in it can't be told from one that was cut.
        expected = ModelUnavailable if ways.streamed else MalformedAnswer
        with pytest.raises(expected):
            await ways.ask(connect(server.base_url, Wish()), request_of())

    async def test_a_model_that_rejects_tools_says_what_to_do(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        with pytest.raises(ModelRefused, match="tools"):
            await ways.ask(connect(server.base_url, Wish("toolless")), request_of())

    async def test_a_model_without_tools_is_sent_none_and_reads_old_calls_as_text(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Answer("Hello."))
        wish = Wish("toolless", capabilities=Capabilities(window=4_096, tools="none"))
        prompt = (
            UserPrompt("My name is Ada."),
            AssistantPrompt("", (ToolCall("call_a", INSERT.name, INSERT.arguments),)),
            ToolPrompt("call_a", "memory_insert", "Saved."),
        )
        answer = await ways.ask(connect(server.base_url, wish), request_of(*prompt))
        assert answer.text == "Hello."
        assert "tools" not in server.requests[0]
        assert all("tool_calls" not in message for message in server.requests[0]["messages"])
        assert "Saved." in str(server.requests[0]["messages"])

    @pytest.mark.parametrize(
        "reply",
        [Hang(), Cut(Answer("Hello there"), events=2, hang=True)],
        ids=["no answer yet", "amid a stream"],
    )
    async def test_cancelling_closes_the_connection(
        self, server: OpenAIServer, connect: Connect, reply: Hang | Cut
    ) -> None:
        server.script(reply)
        model = connect(server.base_url, Wish())
        async with asyncio.timeout(BOUND), asyncio.TaskGroup() as group:
            task = group.create_task(Ways(streamed=True).ask(model, request_of()))
            await server.waiting.wait()
            task.cancel()
            await server.gone.wait()
        assert task.cancelled()

    async def test_a_listener_that_has_enough_ends_the_stream(
        self, server: OpenAIServer, connect: Connect
    ) -> None:
        server.script(Cut(Answer("Hello there"), events=2, hang=True))

        def stop(_: TextDelta) -> None:
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await connect(server.base_url, Wish()).stream(request_of(), stop)
        async with asyncio.timeout(BOUND):
            await server.gone.wait()

    @pytest.mark.parametrize(
        "reply",
        [
            *(Failure(Refusal(status, f"{MARKER} {API_KEY}")) for status in (400, 404, 429, 500)),
            Failure(replace(too_long(1, 2), message=f"context length: {MARKER} {API_KEY}")),
            Raw(f'{{"{MARKER}": '.encode()),
            Drop(),
            Cut(Answer(MARKER), events=4),
        ],
        ids=["400", "404", "429", "500", "overflow", "half a body", "dropped", "cut"],
    )
    async def test_neither_key_nor_prompt_reach_errors_or_logs(
        self,
        server: OpenAIServer,
        connect: Connect,
        ways: Ways,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
        reply: Failure | Raw | Drop | Cut,
    ) -> None:
        server.script(*[reply] * 10)
        with caplog.at_level(logging.DEBUG), pytest.raises(ModelError) as caught:
            await ways.ask(connect(server.base_url, Wish()), request_of())
        shown = [str(caught.value), caplog.text, *capfd.readouterr()]
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        assert not [text for text in shown if MARKER in text or API_KEY in text]

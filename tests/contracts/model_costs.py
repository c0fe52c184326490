"""What every model that is reached over the network must know of its costs, and a turn with one.

Subclass `CostContract` beside `ModelContract`.
"""

from __future__ import annotations

import json

import pytest

from agentcore.errors import ModelUnavailable
from agentcore.model import AssistantPrompt, ModelRequest, Prompt, ToolPrompt, Usage, UserPrompt
from tests.contracts.model_harness import TOOLS, Connect, ModelHarness, Wish
from tests.simulators.offline_brain import offline_brain
from tests.simulators.openai_replies import Answer, Tokens
from tests.simulators.openai_server import OpenAIServer


class CostContract(ModelHarness):
    """The tests. `connect` is the subclass's."""

    async def test_costs_what_the_table_says(self, server: OpenAIServer, connect: Connect) -> None:
        server.script(Answer("Hello", tokens=Tokens(10_000, 1_000, cached=4_000)))
        answer = await connect(server.base_url, Wish()).complete(ModelRequest((UserPrompt("Hi"),)))
        # $0.15, $0.075 and $0.60 per million tokens: fresh, cached and written ones.
        assert answer.usage.cost == 6_000 * 0.15 + 4_000 * 0.075 + 1_000 * 0.60

    async def test_an_unknown_price_is_not_zero(
        self, server: OpenAIServer, connect: Connect
    ) -> None:
        server.script(Answer("Hello"))
        model = connect(server.base_url, Wish("local-model"))
        answer = await model.complete(ModelRequest((UserPrompt("Hi"),)))
        assert answer.usage.prompt_tokens == 20
        assert answer.usage.cost is None

    async def test_an_uncounted_answer_has_an_unknown_cost(
        self, server: OpenAIServer, connect: Connect
    ) -> None:
        server.script(Answer("Hello", tokens=None))
        answer = await connect(server.base_url, Wish()).complete(ModelRequest((UserPrompt("Hi"),)))
        assert answer.usage == Usage(cost=None)

    async def test_a_whole_turn_with_memory_runs_over_http(self, connect: Connect) -> None:
        async with OpenAIServer(brain=offline_brain) as server:
            model = connect(server.base_url, Wish())
            prompt: tuple[Prompt, ...] = (UserPrompt("My name is Ada."),)
            asked = await model.complete(ModelRequest(prompt, TOOLS))
            (call,) = asked.tool_calls
            assert json.loads(call.arguments) == {"label": "human", "new_string": "Name: Ada"}
            returned = ToolPrompt(call.call_id, call.name, "Saved.")
            prompt = (*prompt, AssistantPrompt("", asked.tool_calls), returned)
            answer = await model.complete(ModelRequest(prompt, TOOLS))
            assert "Nice to meet you, Ada." in answer.text

    async def test_a_server_that_is_not_there_is_unavailable(self, connect: Connect) -> None:
        async with OpenAIServer() as gone:
            base_url = gone.base_url
        with pytest.raises(ModelUnavailable):
            await connect(base_url, Wish()).complete(ModelRequest((UserPrompt("Hi"),)))

"""The embedders: the fake one and litellm's, by one body of tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.litellm_model import LitellmEmbedder
from agentcore.model import Price
from agentcore.providers import ProviderConfig
from agentcore.testing import WordEmbedder
from tests.contracts.embedder_contract import Connect, EmbedderContract, Trouble
from tests.simulators.openai_replies import Failure, Hang, Raw, Reply
from tests.simulators.openai_rules import overloaded, too_long, wrong_key
from tests.simulators.openai_server import API_KEY, OpenAIServer

pytestmark = pytest.mark.filterwarnings("ignore:Accessing the 'model_\\w+':DeprecationWarning")

RAISED: dict[Trouble, ModelError] = {
    "down": ModelUnavailable("down"),
    "refused": ModelRefused("refused"),
    "too long": ContextOverflow("too long"),
    "garbled": MalformedAnswer("garbled"),
}
REPLIES: dict[Trouble, Reply] = {
    "slow": Hang(),
    "down": Failure(overloaded()),
    "refused": Failure(wrong_key("sk-mistyped-0123")),
    "too long": Failure(too_long(8_192, 9_000)),
    "garbled": Raw(b'{"object":"list","data":[],"model":"m","usage":{"prompt_tokens":1}}'),
}


class TestWordEmbedder(EmbedderContract):
    @pytest.fixture
    def connect(self) -> Connect:
        def connected(trouble: Trouble | None) -> WordEmbedder:
            if trouble == "slow":
                return WordEmbedder(gate=asyncio.Event())
            return WordEmbedder(*([] if trouble is None else [RAISED[trouble]]))

        return connected


@pytest.mark.usefixtures("warm_litellm", "closing_connections")
class TestLitellmEmbedder(EmbedderContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[OpenAIServer]:
        async with OpenAIServer() as running:
            yield running

    @pytest.fixture
    def connect(self, server: OpenAIServer) -> Connect:
        def connected(trouble: Trouble | None) -> LitellmEmbedder:
            if trouble is not None:
                server.script(REPLIES[trouble])
            return of(server)

        return connected

    async def test_it_sends_the_texts_as_they_are_in_one_request(
        self, server: OpenAIServer, connect: Connect
    ) -> None:
        await connect(None).embed(["one", "two"], within=5)
        (sent,) = server.embedded
        assert sent["input"] == ["one", "two"]
        assert sent["model"] == "text-embedding-3-small"
        assert server.keys == [API_KEY]

    @pytest.mark.parametrize(
        "data",
        [
            [{"index": 0, "embedding": [1.0]}],
            [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}],
            [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}],
            [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}],
            [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [float("nan")]}],
        ],
        ids=["one is missing", "one twice", "two lengths", "empty", "not a number"],
    )
    async def test_what_is_no_vector_for_each_text_is_malformed(
        self, server: OpenAIServer, connect: Connect, data: list[object]
    ) -> None:
        body = {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1}}
        server.script(Raw(json.dumps(body).encode()))
        with pytest.raises(MalformedAnswer):
            await connect(None).embed(["one", "two"], within=5)

    async def test_vectors_are_put_into_the_texts_order(
        self, server: OpenAIServer, connect: Connect
    ) -> None:
        rows = [{"index": at, "embedding": [float(at), 1.0]} for at in (1, 0)]
        body = {"object": "list", "data": rows, "model": "m", "usage": {"prompt_tokens": 1}}
        server.script(Raw(json.dumps(body).encode()))
        found = await connect(None).embed(["one", "two"], within=5)
        assert [vector[0] for vector in found.vectors] == [0.0, 1.0]

    async def test_a_price_that_is_not_known_is_not_zero(self, server: OpenAIServer) -> None:
        embedder = of(server, "local-embedder")
        assert embedder.price is None
        assert (await embedder.embed(["one"], within=5)).usage.cost is None
        named = LitellmEmbedder(ProviderConfig("openai/local-embedder", price=Price(0.5, 0)))
        assert named.price == Price(0.5, 0)

    async def test_a_server_that_is_not_there_is_unavailable(self) -> None:
        async with OpenAIServer() as gone:
            embedder = of(gone)
        with pytest.raises(ModelUnavailable):
            await embedder.embed(["one"], within=5)

    async def test_a_server_of_ones_own_gets_no_key_of_the_environment(
        self, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment-0123")
        config = ProviderConfig("openai/text-embedding-3-small", api_base=server.base_url)
        with pytest.raises(ModelRefused, match="key"):
            await LitellmEmbedder(config).embed(["one"], within=5)
        assert server.keys == ["none"]


def of(server: OpenAIServer, name: str = "text-embedding-3-small") -> LitellmEmbedder:
    base_url = server.base_url
    return LitellmEmbedder(ProviderConfig(f"openai/{name}", api_base=base_url, api_key=API_KEY))

"""What every model that is reached over the network must know of waiting: for an answer, and until
it tries again.

Subclass `PatienceContract` beside `ModelContract`.
"""

from __future__ import annotations

import pytest

from agentcore.errors import ModelUnavailable
from agentcore.model import ModelRequest, UserPrompt
from tests.contracts.model_harness import Connect, ModelHarness, Ways, Wish, request_of
from tests.simulators.openai_replies import Answer, Drop, Failure, Hang
from tests.simulators.openai_rules import overloaded, rate_limited, server_error
from tests.simulators.openai_server import OpenAIServer


class PatienceContract(ModelHarness):
    """The tests. `connect` is the subclass's."""

    async def test_waits_as_long_as_the_provider_asks(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Failure(rate_limited(), {"retry-after": "7"}), Answer("Now."))
        wish = Wish()
        assert (await ways.ask(connect(server.base_url, wish), request_of())).text == "Now."
        assert wish.waits == [7.0]

    @pytest.mark.parametrize(("asked", "waits"), [("3600", 3_600.0), ("1e300", 86_400.0)])
    async def test_gives_up_at_once_when_asked_to_wait_too_long(
        self, server: OpenAIServer, connect: Connect, ways: Ways, asked: str, waits: float
    ) -> None:
        server.script(Failure(rate_limited(), {"retry-after": asked}))
        wish = Wish()
        with pytest.raises(ModelUnavailable) as caught:
            await ways.ask(connect(server.base_url, wish), request_of())
        assert caught.value.retry_after == waits
        assert not caught.value.begun
        assert (len(server.requests), wish.waits) == (1, [])

    async def test_never_waits_beyond_the_requests_own_time(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Failure(rate_limited(), {"retry-after": "9"}))
        wish = Wish()
        request = ModelRequest((UserPrompt("Hello"),), timeout=5.0)
        with pytest.raises(ModelUnavailable):
            await ways.ask(connect(server.base_url, wish), request)
        assert wish.waits == []

    @pytest.mark.parametrize(
        "reply",
        [Failure(server_error()), Failure(overloaded()), Failure(rate_limited()), Drop()],
        ids=["500", "503", "429", "dropped connection"],
    )
    async def test_tries_again_with_growing_waits(
        self, server: OpenAIServer, connect: Connect, ways: Ways, reply: Failure | Drop
    ) -> None:
        server.script(reply, reply, Answer("At last."))
        wish = Wish()
        assert (await ways.ask(connect(server.base_url, wish), request_of())).text == "At last."
        assert len(wish.waits) == 2
        assert 0 < wish.waits[0] < wish.waits[1]

    async def test_gives_up_after_its_retries(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(*[Failure(server_error())] * 10)
        wish = Wish()
        with pytest.raises(ModelUnavailable):
            await ways.ask(connect(server.base_url, wish), request_of())
        assert len(server.requests) == len(wish.waits) + 1 < 10

    async def test_an_attempt_that_hangs_is_left_and_tried_again(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Hang(), Answer("Awake."))
        model = connect(server.base_url, Wish(timeout=1.0))
        assert (await ways.ask(model, request_of())).text == "Awake."

    async def test_the_requests_own_time_ends_the_call(
        self, server: OpenAIServer, connect: Connect, ways: Ways
    ) -> None:
        server.script(Hang())
        request = ModelRequest((UserPrompt("Hello"),), timeout=0.2)
        with pytest.raises(ModelUnavailable):
            await ways.ask(connect(server.base_url, Wish()), request)
        assert len(server.requests) == 1

"""`OpenAIServer` in a thread of its own, for tests whose clients are other processes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.simulators.openai_replies import Answer, Body, Brain, Reply
from tests.simulators.openai_server import OpenAIServer

PATIENCE = 60.0


class Slow:
    """A brain that answers when it is let."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._may_answer = threading.Event()
        self._asked = threading.Semaphore(0)

    async def __call__(self, _: Body) -> Reply:
        self._asked.release()
        await asyncio.to_thread(self._may_answer.wait, PATIENCE)
        return Answer(self._text)

    def until_asked(self) -> bool:
        """Wait until it is asked once more."""
        return self._asked.acquire(timeout=PATIENCE)

    def release(self) -> None:
        """Answer, now and from now on."""
        self._may_answer.set()


@dataclass(frozen=True)
class Provider:
    """A provider that runs: its address, and the server to script."""

    url: str
    server: OpenAIServer


@contextmanager
def provider(brain: Brain) -> Iterator[Provider]:
    """A provider on loopback for as long as the block lasts."""
    server = OpenAIServer(brain=brain, api_key=None)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="provider", daemon=True)
    thread.start()

    def wait_for(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE)

    wait_for(server.start())
    try:
        yield Provider(server.base_url, server)
    finally:
        wait_for(server.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()

"""Models that repeat what they are told: in the process without delay, and behind HTTP with one.

    python -m benchmarks.echo_model --port 0 --delay 0.3 --edits 7

The server speaks OpenAI's protocol. It quotes the word of its own (`#u07-003`) of every line of
the turn exactly once, and asks for a memory edit first in about one of `edits` turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from agentcore.model import (
    Capabilities,
    Emit,
    ModelAnswer,
    ModelRequest,
    TextDelta,
    ToolCall,
    ToolPrompt,
    Usage,
    UserPrompt,
)
from tests.simulators.openai_replies import Answer, Body, Call, Reply
from tests.simulators.openai_server import OpenAIServer

MARKER = re.compile(r"#[\w-]+")

EDIT_WORD = "remember"
"""A line that holds it makes `EchoModel` edit the memory first."""


class EchoModel:
    """Answers at once: `ok` and the turn's markers."""

    name = "echo"
    capabilities = Capabilities(window=100_000)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        last = request.prompt[-1]
        edited = isinstance(last, ToolPrompt)
        said = "" if edited else last.text
        if not edited and EDIT_WORD in said:
            arguments = json.dumps({"label": "human", "new_string": "Likes tea."})
            call = ToolCall("call_1", "memory_insert", arguments)
            return ModelAnswer("", (call,), "tool_calls", Usage(cost=0), self.name)
        asked = next(each.text for each in reversed(request.prompt) if isinstance(each, UserPrompt))
        return ModelAnswer(" ".join(["ok", *MARKER.findall(asked)]), (), "stop", Usage(cost=0))

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        answer = await self.complete(request)
        if answer.text:
            emit(TextDelta(answer.text))
        return answer


class EchoBrain:
    """The server's answers. The same turn gets the same answer, however often it is asked for,
    unless they are `numbered`: then no two answers are the same.
    """

    def __init__(
        self,
        *,
        delay: float,
        edits: int,
        seed: int,
        least: float = 0.0,
        numbered: bool = False,
    ) -> None:
        self._least = least
        self._delay = delay
        self._edits = edits
        self._random = random.Random(seed)  # noqa: S311 (delays)
        self._numbers = count(1) if numbered else None

    async def __call__(self, body: Body) -> Reply:
        turn = newest_turn(body["messages"])
        if self._delay:
            await asyncio.sleep(self._random.uniform(self._least, self._delay))
        markers = [each for each in turn if each.startswith("#")]
        wanted = self._edits and markers and zlib.crc32(markers[0].encode()) % self._edits == 0
        if wanted and "tool" not in turn:
            noted = json.dumps({"label": "human", "new_string": f"said {markers[0][1:]}"})
            return Answer(calls=(Call("memory_insert", noted, f"call_{markers[0][1:]}"),))
        end = "." if self._numbers is None else f", as answer {next(self._numbers)}."
        return Answer(text=" ".join(["Heard", *markers]) + end, fragment=40)


def newest_turn(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """The markers of the messages since the agent last spoke, and `tool` if it has called one."""
    found: list[str] = []
    for message in reversed(messages):
        if message["role"] == "assistant" and not message.get("tool_calls"):
            break
        if message["role"] == "tool":
            found.append("tool")
        elif message["role"] == "user":
            found.extend(reversed(MARKER.findall(_text(message["content"]))))
    return list(reversed(found))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content or ())


async def _serve(arguments: argparse.Namespace) -> None:
    brain = EchoBrain(
        delay=arguments.delay,
        edits=arguments.edits,
        seed=arguments.seed,
        least=arguments.least,
        numbered=arguments.numbered,
    )
    server = OpenAIServer(brain=brain, api_key=None)
    await server.start(arguments.port)
    sys.stdout.write(f"listening on {server.base_url}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server that echoes.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="longest delay, in seconds")
    parser.add_argument("--least", type=float, default=0.0, help="shortest delay, in seconds")
    parser.add_argument("--edits", type=int, default=0, help="one turn in so many edits memory")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--numbered", action="store_true", help="no two answers are the same")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()

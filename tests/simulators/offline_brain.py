"""A brain for the simulator: the offline model answers, so that a whole conversation with memory
can be had over HTTP.

    python -m tests.simulators.offline_brain --port 18901
    FAMILIAR_MODEL=openai/gpt-4o-mini FAMILIAR_MODEL_BASE_URL=http://127.0.0.1:18901/v1 …
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from agentcore.model import (
    AssistantPrompt,
    ModelRequest,
    Prompt,
    SystemPrompt,
    ToolCall,
    ToolPrompt,
    ToolSchema,
    UserPrompt,
)
from agentcore.offline_model import OfflineModel
from tests.simulators.openai_replies import Answer, Body, Call, Reply, Tokens
from tests.simulators.openai_server import OpenAIServer


async def offline_brain(body: Body) -> Reply:
    """What the offline model says to a chat completions request."""
    tools = tuple(_tool(tool["function"]) for tool in body.get("tools", ()))
    answer = await OfflineModel().complete(ModelRequest(tuple(_prompts(body["messages"])), tools))
    return Answer(
        text=answer.text,
        calls=tuple(Call(call.name, call.arguments, call.call_id) for call in answer.tool_calls),
        tokens=Tokens(answer.usage.prompt_tokens, answer.usage.completion_tokens),
    )


def _tool(function: Mapping[str, Any]) -> ToolSchema:
    return ToolSchema(
        function["name"], function.get("description", ""), function.get("parameters", {})
    )


def _prompts(messages: list[Mapping[str, Any]]) -> Iterator[Prompt]:
    names: dict[str, str] = {}
    for message in messages:
        text = _text(message.get("content"))
        match message["role"]:
            case "system" | "developer":
                yield SystemPrompt(text)
            case "assistant":
                calls = tuple(_call(call) for call in message.get("tool_calls") or ())
                names |= {call.call_id: call.name for call in calls}
                yield AssistantPrompt(text, calls)
            case "tool":
                call_id = message["tool_call_id"]
                yield ToolPrompt(call_id, names.get(call_id, ""), text)
            case _:
                yield UserPrompt(text)


def _call(call: Mapping[str, Any]) -> ToolCall:
    return ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])


def _text(content: str | list[Mapping[str, Any]] | None) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return content or ""


async def _serve(port: int) -> None:
    server = OpenAIServer(brain=offline_brain, api_key=None)
    await server.start(port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="An OpenAI-compatible server with an offline brain"
    )
    parser.add_argument("--port", type=int, default=18901)
    asyncio.run(_serve(parser.parse_args().port))

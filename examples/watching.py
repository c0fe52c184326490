"""Watch an answer as it is made, and what it changes in the agent's memory."""

from __future__ import annotations

import os

from letta_client import Letta

client = Letta(
    base_url=os.environ.get("LETTA_BASE_URL", "http://localhost:8283"),
    api_key=os.environ.get("LETTA_API_KEY", "none"),
)
agent = client.agents.create(
    model=client.models.list()[0].handle,
    memory_blocks=[
        {"label": "human", "value": "Name: unknown"},
        {"label": "persona", "value": "I am a friend with a good memory."},
    ],
)


def in_mind() -> str:
    return client.agents.blocks.retrieve("human", agent_id=agent.id).value


print(f"Before: {in_mind()}")
stream = client.agents.messages.create(
    agent.id,
    input="I'm Grace, and my birthday is on 9 December.",
    streaming=True,
    stream_tokens=True,
)
for event in stream:
    match event.message_type:
        case "assistant_message":
            print(event.content, end="", flush=True)
        case "tool_call_message":
            print(f"[{event.tool_call.name}]")
        case "stop_reason":
            print(f"\n({event.stop_reason})")
print(f"After: {in_mind()}")

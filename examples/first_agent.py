"""Make an agent, tell it your name, and look at what it keeps in mind."""

from __future__ import annotations

import os

from letta_client import Letta

client = Letta(
    base_url=os.environ.get("LETTA_BASE_URL", "http://localhost:8283"),
    api_key=os.environ.get("LETTA_API_KEY", "none"),
)
model = client.models.list()[0].handle  # what the service uses unless it is told otherwise

agent = client.agents.create(
    name="first",
    model=model,
    memory_blocks=[
        {"label": "human", "value": "Nothing is known about them yet."},
        {"label": "persona", "value": "I am friendly, curious and brief.", "limit": 2_000},
    ],
)
print(f"Made {agent.name}, which thinks with {model}.")

for line in ("My name is Ada and I live in Lisbon.", "What is my name?"):
    print(f"\nYou: {line}")
    response = client.agents.messages.create(agent.id, input=line)
    for message in response.messages:
        if message.message_type == "tool_call_message":
            print(f"  it calls {message.tool_call.name}({message.tool_call.arguments})")
        elif message.message_type == "tool_return_message":
            print(f"  which returns: {message.status}")
        elif message.message_type == "assistant_message":
            print(f"Agent: {message.content}")
    print(f"  ({response.usage.step_count} calls of the model, {response.stop_reason.stop_reason})")

print("\nWhat it keeps in mind:")
for block in client.agents.blocks.list(agent.id):
    print(f"- {block.label}, {len(block.value)}/{block.limit} characters")
    for line in block.value.splitlines():
        print(f"    {line}")

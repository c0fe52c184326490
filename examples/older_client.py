"""The first program, for the SDK of the 0.1 line: `pip install letta-client==0.1.324`."""

from __future__ import annotations

import os

from letta_client import Letta

client = Letta(
    base_url=os.environ.get("LETTA_BASE_URL", "http://localhost:8283"),
    token=os.environ.get("LETTA_API_KEY", "none"),
)
model = client.models.list()[0].handle

agent = client.agents.create(
    name="older",
    model=model,
    memory_blocks=[
        {"label": "human", "value": "Nothing is known about them yet."},
        {"label": "persona", "value": "I am friendly, curious and brief."},
    ],
)
for line in ("My name is Ada and I live in Lisbon.", "What is my name?"):
    print(f"You: {line}")
    response = client.agents.messages.create(
        agent_id=agent.id, messages=[{"role": "user", "content": line}]
    )
    for message in response.messages:
        if message.message_type == "tool_call_message":
            print(f"  it calls {message.tool_call.name}({message.tool_call.arguments})")
        elif message.message_type == "assistant_message":
            print(f"Agent: {message.content}")

client.agents.blocks.modify(agent_id=agent.id, block_label="persona", value="I am brief.")
for block in client.agents.blocks.list(agent_id=agent.id):
    print(f"- {block.label}, {len(block.value)}/{block.limit} characters")
    for line in block.value.splitlines():
        print(f"    {line}")

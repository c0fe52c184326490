"""Talk to an agent with a client that was made for OpenAI: it remembers, whatever is sent along."""

from __future__ import annotations

import os

from openai import OpenAI

client = OpenAI(
    base_url=f"{os.environ.get('LETTA_BASE_URL', 'http://localhost:8283')}/v1",
    api_key=os.environ.get("LETTA_API_KEY", "none"),
)


def say(line: str) -> None:
    """Only this line is sent: what was said before, the agent knows by itself."""
    print(f"You: {line}\nAgent: ", end="")
    answer = client.chat.completions.create(
        model="template:friend",
        user="ada@example.org",  # whose agent it is: made when they first write
        messages=[{"role": "user", "content": line}],
        stream=True,
    )
    for chunk in answer:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()


say("My name is Ada and I live in Lisbon.")
say("Where do I live?")

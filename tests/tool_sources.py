"""A source that a tool is made of, and an agent to have it."""

from __future__ import annotations

from letta_client import AsyncLetta

SOURCE = '''
def roll_dice(sides: int, times: int = 1) -> str:
    """Roll a die.

    Args:
        sides: How many sides it has.
        times: How often.
    """
    return "6"
'''


async def an_agent(client: AsyncLetta, *tools: str) -> str:
    made = await client.agents.create(model="offline", tools=list(tools), include_base_tools=False)
    return made.id

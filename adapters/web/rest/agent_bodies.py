"""What clients send to make or change an agent."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

MOST_BLOCKS = 50
LONGEST_SYSTEM = 100_000
LONGEST_BLOCK = 1_000_000
BLOCK_LIMIT = 100_000

Label = Annotated[str, Field(min_length=1, max_length=200)]
Value = Annotated[str, Field(max_length=LONGEST_BLOCK)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Tag = Annotated[str, Field(min_length=1, max_length=200)]
Handle = Annotated[str, Field(max_length=300)]


class Body(BaseModel):
    """Fields that nobody knows are let be, as clients of other versions send them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class NewBlock(Body):
    label: Label
    value: Value = ""
    limit: Annotated[int, Field(ge=1, le=LONGEST_BLOCK)] = BLOCK_LIMIT
    description: Annotated[str, Field(max_length=10_000)] | None = None
    read_only: bool = False
    metadata: dict[str, Any] | None = None
    tags: Annotated[list[Tag], Field(max_length=100)] | None = None


class NewAgent(Body):
    """A new agent."""

    name: Name | None = None
    model: Handle | None = None
    system: Annotated[str, Field(max_length=LONGEST_SYSTEM)] | None = None
    memory_blocks: Annotated[list[NewBlock], Field(max_length=MOST_BLOCKS)] | None = None
    tags: Annotated[list[Tag], Field(max_length=100)] | None = None
    metadata: dict[str, Any] | None = None
    description: Annotated[str, Field(max_length=10_000)] | None = None
    tools: Annotated[list[Name], Field(max_length=200)] | None = None
    include_base_tools: bool = True

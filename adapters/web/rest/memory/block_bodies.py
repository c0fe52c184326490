"""What clients send to make or change a memory block."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from adapters.web.rest.http.fields import About, Body, Line, Metadata, Tags, Text
from adapters.web.rest.http.refusals import Invalid
from agentcore.records import UNSET, AgentId, Block, BlockPatch, new_block_id

LONGEST_BLOCK = 1_000_000
BLOCK_LIMIT = 100_000
"""Characters of a block for which no limit is named."""

EXTRAS = (
    "is_template",
    "template_name",
    "template_id",
    "base_template_id",
    "deployment_id",
    "entity_id",
    "project_id",
    "preserve_on_migration",
    "hidden",
)
"""Fields that change nothing here, and are given back."""

Label = Annotated[Text, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Value = Annotated[Text, Field(max_length=LONGEST_BLOCK)]
Limit = Annotated[int, Field(ge=1, le=LONGEST_BLOCK)]


class BlockFields(Body):
    """What a block has besides a label and a value."""

    description: About | None = None
    metadata: Metadata | None = None
    tags: Tags | None = None
    is_template: bool | None = None
    template_name: Line | None = None
    template_id: Line | None = None
    base_template_id: Line | None = None
    deployment_id: Line | None = None
    entity_id: Line | None = None
    project_id: Line | None = None
    preserve_on_migration: bool | None = None
    hidden: bool | None = None


class NewBlock(BlockFields):
    """A new block."""

    label: Label
    value: Value = ""
    limit: Limit = BLOCK_LIMIT
    read_only: bool = False

    def block(self) -> Block:
        """Raises Invalid: the value is longer than the limit."""
        if len(self.value) > self.limit:
            over = len(self.value) - self.limit
            raise Invalid(
                f"The value of block {self.label!r} is {len(self.value)} characters long: {over} over "
                f"its limit of {self.limit}."
            )
        return Block(
            block_id=new_block_id(),
            owner=AgentId(""),  # until it is somebody's
            label=self.label,
            value=self.value,
            limit=self.limit,
            description=self.description or _ABOUT.get(self.label, ""),
            read_only=self.read_only,
            metadata=self.metadata or {},
            tags=tuple(dict.fromkeys(self.tags or ())),
            extras=_extras(self, {"is_template": False}),
        )


class BlockChanges(BlockFields):
    """What changes of a block; what isn't there, stays."""

    label: Label | None = None
    value: Value | None = None
    limit: Limit | None = None
    read_only: bool | None = None

    def patch(self) -> BlockPatch:
        about = self.description
        cleared = about is None and "description" in self.model_fields_set
        return BlockPatch(
            value=UNSET if self.value is None else self.value,
            label=UNSET if self.label is None else self.label,
            limit=UNSET if self.limit is None else self.limit,
            description="" if cleared else UNSET if about is None else about,
            read_only=UNSET if self.read_only is None else self.read_only,
            metadata=UNSET if self.metadata is None else self.metadata,
            tags=UNSET if self.tags is None else tuple(dict.fromkeys(self.tags)),
            extras=_extras(self),
        )


_ABOUT = {
    "human": "What you know of the person you talk with: one fact per line.",
    "persona": "Who you are and how you talk.",
}
"""What belongs into blocks of these labels, where nothing is said of it."""


def _extras(body: BlockFields, defaults: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is said of the fields that are only kept, but for what goes without saying."""
    plain = defaults or {}
    named = {name: getattr(body, name) for name in EXTRAS if name in body.model_fields_set}
    return {
        name: value
        for name, value in named.items()
        if not (defaults is not None and (value is None or plain.get(name) == value))
    }

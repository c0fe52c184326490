"""Blocks and tools of a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from agentcore.agentfile.fitting import require_known, wrong
from agentcore.agentfile.form import BlockForm, OurRevision, ToolForm
from agentcore.clock import Micros
from agentcore.records.content import PlainBlock, PlainRevision, PlainTool
from agentcore.store.custom_tools import RETURN_LIMIT


def read_block(place: str, block: BlockForm, messages: Collection[str]) -> PlainBlock:
    """A block with its edits. `messages` are those that may have led to one.

    Raises:
        AgentFileInvalid: its edits don't lead to what it says.
    """
    ours = block.familiar
    revisions = tuple(_revisions(place, [] if ours is None else ours.revisions, messages))
    if revisions and revisions[-1].after != block.value:
        raise wrong(f"{place}.familiar.revisions", "the last one isn't the block's value")
    return PlainBlock(
        name=block.id,
        label=block.label,
        value=block.value,
        # The other service doesn't hold all its blocks to their limits.
        limit=max(block.limit, len(block.value)) if ours is None else block.limit,
        description=block.description or "",
        read_only=bool(block.read_only),
        shared=ours is not None and ours.shared,
        metadata=block.metadata or {},
        tags=() if ours is None else tuple(ours.tags),
        extras={} if ours is None else ours.extras,
        revisions=revisions,
    )


def _revisions(
    place: str, revisions: Sequence[OurRevision], messages: Collection[str]
) -> Iterator[PlainRevision]:
    last: OurRevision | None = None
    for each in revisions:
        if last is not None and each.version <= last.version:
            raise wrong(f"{place}.familiar.revisions", "their versions don't rise")
        caused = () if each.message is None else (each.message,)
        require_known(f"{place}.familiar.revisions", caused, messages)
        before = "" if last is None else last.after
        yield PlainRevision(
            version=each.version,
            before=before if each.before is None else each.before,
            after=each.after,
            actor=each.actor,
            origin=each.origin,
            created_at=Micros(each.created_at),
            label=each.label,
            limit=each.limit,
            description=each.description,
            read_only=each.read_only,
            message=each.message,
            undoes=each.undoes,
            template=each.template,
            tool_call_id=each.tool_call_id,
        )
        last = each


def read_tool(tool: ToolForm) -> PlainTool:
    """A tool that has a source."""
    schema = tool.json_schema or {}
    parameters = schema.get("parameters")
    described = schema.get("description")
    return PlainTool(
        name=tool.name,
        description=tool.description or (described if isinstance(described, str) else ""),
        parameters=parameters
        if isinstance(parameters, dict)
        else {"type": "object", "properties": {}},
        source=tool.source_code or "",
        tags=tuple(tool.tags or ()),
        return_limit=tool.return_char_limit or RETURN_LIMIT,
        needs_approval=bool(tool.default_requires_approval),
        extras={} if tool.familiar is None else tool.familiar.extras,
    )

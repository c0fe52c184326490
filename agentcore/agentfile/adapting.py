"""What becomes of a file's agents where they move in: pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from agentcore.agentfile.reading import FileRead
from agentcore.errors import BadInput
from agentcore.records.content import Content, PlainAgent

COPY = "_copy"


@dataclass(frozen=True, slots=True)
class Wishes:
    """How whoever brings a file wants its agents. `model`: for all of them."""

    name: str | None = None
    model: str | None = None
    as_copy: bool = False
    without_messages: bool = False


def adapted(read: FileRead, wishes: Wishes, models: Collection[str] | None) -> FileRead:
    """The content as it is wished for. `models` are those that agents may use here (None: any);
    agents with another one have the service's own.

    Raises:
        BadInput: a name was given for several agents.
    """
    content = read.content
    if wishes.name is not None and len(content.agents) > 1:
        msg = f"The file holds {len(content.agents)} agents: one name can't be for all of them."
        raise BadInput(msg)
    left_out = dict.fromkeys(read.left_out)
    agents = []
    for agent in content.agents:
        model = wishes.model or agent.model
        if model is not None and models is not None and model not in models:
            left_out[f"The model {model}: it isn't offered here, so the service's own is used."] = (
                None
            )
            model = None
        name = wishes.name or agent.name + (COPY if wishes.as_copy else "")
        agents.append(replace(agent, name=name, model=model))
    if wishes.without_messages:
        return FileRead(without_messages(replace(content, agents=tuple(agents))), (*left_out,))
    return FileRead(replace(content, agents=tuple(agents)), (*left_out,))


def without_messages(content: Content) -> Content:
    """Agents that were never talked to: what they know stays, without what it came from."""
    blocks = tuple(
        replace(block, revisions=tuple(replace(each, message=None) for each in block.revisions))
        for block in content.blocks
    )
    return replace(content, agents=tuple(map(_silent, content.agents)), blocks=blocks)


def _silent(agent: PlainAgent) -> PlainAgent:
    threads = tuple(replace(each, first=None, summary="") for each in agent.threads[:1])
    passages = tuple(replace(each, message=None) for each in agent.passages)
    return replace(agent, messages=(), threads=threads, passages=passages)


def private_only(content: Content) -> Content:
    """The agents without what others wrote: without groups, and without blocks that others hold."""
    blocks = tuple(block for block in content.blocks if not block.shared)
    names = {block.name for block in blocks}
    agents = tuple(_alone(agent, names) for agent in content.agents)
    kept = {each.name for agent in agents for each in agent.messages}
    return replace(
        content,
        agents=agents,
        blocks=tuple(
            replace(
                block,
                revisions=tuple(
                    each if each.message in kept else replace(each, message=None)
                    for each in block.revisions
                ),
            )
            for block in blocks
        ),
    )


def _alone(agent: PlainAgent, blocks: Collection[str]) -> PlainAgent:
    private = [at for at, each in enumerate(agent.threads) if each.audience == "private"]
    places = {at: place for place, at in enumerate(private)}
    messages = tuple(
        replace(each, thread=places[each.thread])
        for each in agent.messages
        if each.thread in places
    )
    names = {each.name for each in messages}
    return replace(
        agent,
        blocks=tuple(name for name in agent.blocks if name in blocks),
        threads=tuple(agent.threads[at] for at in private),
        messages=messages,
        passages=tuple(
            each for each in agent.passages if each.message is None or each.message in names
        ),
    )

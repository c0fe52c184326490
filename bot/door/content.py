"""What the command line may ask of agents as a whole: out into a file, in from one or from another
server. It takes more than the store: the tools and models that are here.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import anyio.to_thread
from pydantic import TypeAdapter

from agentcore.agentfile import (
    Wishes,
    adapted,
    read_agent_file,
    without_messages,
    write_agent_file,
)
from agentcore.errors import BadInput, NotFound
from agentcore.records import AgentId, storable
from agentcore.records.content import Content
from agentcore.records.identities import IdentityQuery, NewIdentity
from agentcore.store.agent_content import More
from bot.api.identity_keys import PlatformKeys
from bot.app import Parts
from bot.door.commands import OPERATOR, Arguments
from bot.door.sleep import agent_named

content_codec = TypeAdapter(Content)
more_codec = TypeAdapter(More)


async def agents_export(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    """An agent's file, as text. The person can see that it was read out."""
    agent_id = await agent_named(parts, str(arguments["who"]))
    content = await parts.store.content.read([agent_id], OPERATOR)
    if arguments.get("without_messages"):
        content = without_messages(content)
    data = await agent_file_of(parts, content)
    (agent,) = content.agents
    return {
        "id": agent_id,
        "name": agent.name,
        "messages": len(agent.messages),
        "file": data.decode(),
    }


async def agent_file_of(parts: Parts, content: Content) -> bytes:
    """These agents as a file; written beside the event loop."""
    write = partial(
        write_agent_file,
        content,
        built_in={tool.name: tool for tool in parts.toolbox.schemas(parts.toolbox.names)},
        model=parts.offers.model,
        now=parts.clock.now(),
    )
    return await anyio.to_thread.run_sync(write)


async def agents_import(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    """Agents from a file (its bytes as base64). All or none."""
    try:
        data = base64.b64decode(str(arguments["file"]), validate=True)
    except binascii.Error as error:
        msg = "The file didn't come through whole."
        raise BadInput(msg) from error
    model = arguments.get("model")
    if model is not None and model not in parts.offers.models:
        offered = ", ".join(parts.offers.models)
        msg = f"The model {model} isn't offered here. These are: {offered} (FAMILIAR_MODELS)."
        raise NotFound(msg)
    read = partial(read_agent_file, data, built_in=set(parts.toolbox.names), now=parts.clock.now())
    wishes = Wishes(
        name=arguments.get("name"),
        model=model,
        without_messages=bool(arguments.get("without_messages")),
    )
    found = adapted(await anyio.to_thread.run_sync(read), wishes, parts.offers.models)
    replace_tools = bool(arguments.get("replace_tools"))
    taken_in = await parts.store.content.add(found.content, replace_tools=replace_tools)
    return {
        "agents": [
            {"id": agent_id, "name": agent.name, "messages": len(agent.messages)}
            for agent_id, agent in zip(taken_in.agents, found.content.agents, strict=True)
        ],
        "left_out": [*found.left_out, *taken_in.remarks],
        "tools_to_switch_on": list(taken_in.new_tools),
    }


async def content_here(parts: Parts, _arguments: Arguments) -> Mapping[str, Any]:
    """What agents that move in will find."""
    return {"tools": list(parts.toolbox.names), "models": list(parts.offers.models)}


async def content_mark(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    """Whether there is an agent of that id, and up to where it was read elsewhere."""
    agent_id = AgentId(str(arguments["agent_id"]))
    mark = await parts.store.content.mark(agent_id)
    return {"there": mark is not None, "mark": dict(mark or {})}


async def content_add(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    content = content_codec.validate_python(arguments["content"])
    return asdict(await parts.store.content.add(content))


async def content_append(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    more = more_codec.validate_python(arguments["more"])
    return {"added": await parts.store.content.append(more)}


async def content_identity(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    """Let agents answer the person of an identity as a Letta server tells it; `refused` says why
    they can't. Those that do already go on.
    """
    told, agents = arguments["identity"], [AgentId(str(each)) for each in arguments["agents"]]
    identities = parts.store.identities
    try:
        key = PlatformKeys(parts.adapters).read(str(told["identifier_key"]))
        found = await identities.identities(IdentityQuery(key=key, limit=1))
        if not found:
            kind = told.get("identity_type")
            new = NewIdentity(
                key,
                storable(str(told.get("name") or key.external_id))[:200],
                kind if kind in {"user", "org", "other"} else "user",
                agents=tuple(agents),
            )
            await identities.create(new, OPERATOR)
        for agent_id in agents if found else ():
            if agent_id not in found[0].agents:
                await identities.attach(agent_id, found[0].identity_id, OPERATOR)
    except BadInput as error:
        return {"refused": str(error)}
    return {"refused": ""}

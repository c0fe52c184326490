"""`Contexts` over the engine: what a thread's next prompt begins with, counted and made anew."""

from __future__ import annotations

import json
from dataclasses import replace

from adapters.web.rest.seams.contexts import Overview
from agentcore.clock import Clock
from agentcore.loop.prompt import note, render_messages
from agentcore.loop.window import (
    DEFAULT_WINDOW,
    as_head,
    estimate,
    estimate_text,
    first_epoch,
    instructions,
    shown,
    with_template,
)
from agentcore.memory.frame import render_blocks
from agentcore.memory.summary import show_summary
from agentcore.records import Agent
from agentcore.store import AgentStore, Store
from agentcore.store.in_view import InView
from agentcore.tools.toolbox import Toolbox


class PromptContexts:
    """`window`: in tokens, for agents that have none of their own."""

    def __init__(self, store: Store, toolbox: Toolbox, clock: Clock, window: int | None) -> None:
        self._store = store
        self._toolbox = toolbox
        self._clock = clock
        self._window = window or DEFAULT_WINDOW

    async def overview(self, door: AgentStore) -> Overview:
        """See `Contexts.overview`."""
        view = await door.windows.in_view()
        system, memory = _beginning(view)
        summary = ""
        if view.epoch is not None and view.epoch.summary:
            summary = note(show_summary(view.epoch.summary))
        return Overview(
            agent=view.agent,
            window=view.agent.context_window or self._window,
            system=system,
            system_tokens=estimate_text(system),
            memory=memory,
            memory_tokens=estimate_text(memory),
            summary=summary,
            summary_tokens=estimate_text(summary) if summary else 0,
            messages=view.messages,
            messages_tokens=estimate(render_messages(view.messages)),
            tools_tokens=await self._tools(view.agent),
            stored=view.stored,
            passages=view.passages,
        )

    async def _tools(self, agent: Agent) -> int:
        custom = await self._store.custom_tools.named(agent.tools)
        drafts = (tool.draft for tool in custom)
        told = (f"{each.name}{each.description}{json.dumps(each.parameters)}" for each in drafts)
        return estimate((), self._toolbox.schemas(agent.tools)) + sum(map(estimate_text, told))

    async def recompiled(self, door: AgentStore, *, dry_run: bool) -> str:
        """See `Contexts.recompiled`."""
        view = await door.windows.in_view()
        if view.epoch is not None and view.thread is not None and not dry_run:
            blocks = shown(view.thread, view.blocks)
            await door.windows.begin(
                with_template(view.epoch, view.agent, view.thread, blocks, now=self._clock.now())
            )
        return "\n\n".join(_beginning(replace(view, epoch=None)))

    async def reset(self, door: AgentStore) -> None:
        """See `Contexts.reset`."""
        view = await door.windows.in_view()
        if view.epoch is None or view.thread is None or not view.own:
            return
        await door.windows.begin(
            first_epoch(
                view.agent,
                view.thread,
                shown(view.thread, view.blocks),
                next_message=view.next_message,
                now=self._clock.now(),
            )
        )


def _beginning(view: InView) -> tuple[str, str]:
    """The instructions and the blocks, as they stand at the prompt's head."""
    if view.epoch is not None:
        return view.epoch.system, render_blocks(view.shown)
    system = view.agent.system if view.thread is None else instructions(view.agent, view.thread)
    return system, render_blocks(as_head(view.blocks))

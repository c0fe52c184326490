"""`agents.sleep`: what the command line may ask of sleep-time. It takes more than the store: the
models, and whatever else a service consists of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.terminal.people import ACCOUNT, PLATFORM
from agentcore.core import SleepReport
from agentcore.errors import BadInput
from agentcore.memory.changes import more_in
from agentcore.records import AgentId, IdentityKey, Tidied
from bot.app import Parts
from bot.door.commands import OPERATOR, Arguments
from bot.workers.sleeping import figures_of


async def agents_sleep(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    """A run now, or with `preview` what it would change. The person can see that it was looked."""
    agent_id = await agent_named(parts, str(arguments["who"]))
    preview = bool(arguments.get("preview"))
    if preview:
        report = await parts.sleep.preview(agent_id, OPERATOR)
    else:
        report = await parts.sleep.run_now(agent_id, OPERATOR)
    return {"id": agent_id, "preview": preview, **_shown(report)}


async def agent_named(parts: Parts, who: str) -> AgentId:
    """An agent by its id, or by the name that its person has in the terminal."""
    if who.startswith("agent-") and len(who) == len("agent-") + 36:
        return AgentId(who)
    standing = await parts.store.standing(IdentityKey(PLATFORM, ACCOUNT, who))
    if standing is None or standing.agent_id is None:
        msg = (
            f"{who!r} is neither an agent's id nor somebody who has used `familiar chat --user`. "
            "`familiar agents list` shows the ids."
        )
        raise BadInput(msg)
    return standing.agent_id


def _shown(report: SleepReport) -> Mapping[str, Any]:
    return {
        **figures_of(report),
        "read": list(report.read),
        "changes": [_change(each) for each in report.changes],
        "error": "" if report.step is None else report.step.detail,
    }


def _change(change: Tidied) -> Mapping[str, Any]:
    edit = change.edit
    before, after = edit.block.value, edit.after
    return {
        "block": edit.block.label,
        "taken_out": list(more_in(before, after)),
        "put_in": list(more_in(after, before)),
        "reason": change.reason,
        "message": edit.message,
    }

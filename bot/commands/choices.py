"""`/persona` and `/model`: who the agent is, and which language model speaks for it.

Both show what there is to choose from at the gate; a choice waits its turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agentcore.clock import Micros
from agentcore.loop.window import with_template
from agentcore.records import (
    Agent,
    AgentChange,
    AgentSeed,
    Block,
    BlockEdit,
    EditActor,
    NoticeDraft,
    Origin,
    StepCommit,
)
from agentcore.records.agents import TurnHead
from agentcore.tools.toolbox import usual
from bot.commands.base import Command, Gate, InLine, Line, Reader
from bot.offers import Offers
from bot.wording.actions import MOST_CHOICES, choices

DEFAULT = "default"
PERSONA = "persona"


def template_name(handle: str) -> str:
    """The name in `name:version`."""
    return handle.partition(":")[0]


def personas(agent: Agent, offers: Offers, reader: Reader) -> dict[str, str]:
    """The templates on offer, each with what it is like: arguments of a notice."""
    now = template_name(agent.template)
    told = {name: f"{name}: {each.description}" for name, each in sorted(offers.templates.items())}
    return _on_offer("persona", told, now, reader)


def _on_offer(command: str, told: Mapping[str, str], now: str, reader: Reader) -> dict[str, str]:
    """What there is to choose from, as text and as actions of a notice. Of these there are no more
    than fit; whatever is left out can be named.
    """
    others = [name for name in told if name != now]
    lines = [
        reader.piece("reply.choice_now" if name == now else "reply.choice", {"choice": line})
        for name, line in told.items()
    ]
    if len(others) > MOST_CHOICES:
        lines += ["", reader.piece("reply.choice_others", {"command": command})]
    return {f"{command}s": "\n".join(lines), "choices": choices(others)}


def _look_at_personas(gate: Gate) -> Sequence[NoticeDraft]:
    shown = personas(gate.scope.agent(), gate.offers, gate.reader())
    return gate.answer("reply.personas", {**shown})


async def _persona(line: Line) -> StepCommit:
    """Become somebody else. What is known about the person stays as it is."""
    head = await line.door.head(line.claim)
    if head.thread.ephemeral:
        return line.done("reply.incognito_not_now")
    if head.among_others:
        return line.done("reply.private_only")
    name = line.claim.first.text.strip().lower()
    if name not in line.offers.templates:
        shown = personas(head.agent, line.offers, line.reader)
        return line.done("reply.no_such_persona", None, {"name": name, **shown})
    if name == template_name(head.agent.template):
        return line.done("reply.persona_same", None, {"name": name})
    become = Becoming(name)
    step = changed_persona(head, await line.blocks(), become, line.offers, line.clock.now())
    model = model_of(None if step.agent is None else step.agent.model, line.offers)
    return line.done("reply.persona_changed", step, {"name": name, "model": model})


@dataclass(frozen=True, slots=True)
class Becoming:
    """Which template an agent takes on. `text`: what its block `persona` says then, if not what
    the template does. `undoes`: the version of that block that this takes back.
    """

    name: str
    text: str | None = None
    undoes: int | None = None


def changed_persona(
    head: TurnHead, blocks: Sequence[Block], become: Becoming, offers: Offers, now: Micros
) -> StepCommit:
    """The agent under another template, from a new epoch on. A model that the person chose
    stays; one that came with the old template goes with it.
    """
    agent = head.agent
    seed = offers.templates[become.name].seed(agent.owner_kind, tools=usual(offers.tools))
    before = offers.templates.get(template_name(agent.template))
    came_with_it = agent.model is None or (before is not None and before.model == agent.model)
    model = seed.model if came_with_it else agent.model
    edits = _persona_edits(agent, blocks, seed, become)
    epoch = None
    if head.epoch is not None:
        changed = replace(agent, template=seed.template, system=seed.system)
        epoch = with_template(
            head.epoch, changed, head.thread, _as_changed(blocks, edits, seed), now=now
        )
    usable = model if model in offers.models else None
    return StepCommit(edits=edits, epoch=epoch, agent=AgentChange(usable, seed))


def _persona_edits(
    agent: Agent, blocks: Sequence[Block], seed: AgentSeed, become: Becoming
) -> tuple[BlockEdit, ...]:
    """One edit, even if the text is the same, so that the change can be taken back."""
    own = next(block.value for block in seed.blocks if block.label == PERSONA)
    after = own if become.text is None else become.text
    replaced = agent.template if become.undoes is None else None
    return tuple(
        BlockEdit(
            block,
            after,
            EditActor.USER,
            Origin.OPERATOR,
            undoes=become.undoes,
            template=replaced,
        )
        for block in blocks
        if block.label == PERSONA
    )


def _as_changed(
    blocks: Sequence[Block], edits: Sequence[BlockEdit], seed: AgentSeed
) -> Sequence[Block]:
    """The blocks as they are after the change."""
    after = {edit.block.block_id: edit.after for edit in edits}
    kept = [
        replace(block, value=after[block.block_id], version=block.version + 1)
        if block.block_id in after
        else block
        for block in blocks
    ]
    there = {block.label for block in blocks}
    return [*kept, *(block for block in seed.blocks if block.label not in there)]


def on_offer(offers: Offers) -> Mapping[str, Sequence[str]]:
    """What people may choose from, by command."""
    return {"persona": sorted(offers.templates), "model": [*offers.models, DEFAULT]}


def model_of(own: str | None, offers: Offers) -> str:
    """The model that speaks: the agent's own, if it is still allowed."""
    return own if own in offers.models and own is not None else offers.model


def models(agent: Agent, offers: Offers, reader: Reader) -> dict[str, str]:
    """The models on offer: arguments of a notice."""
    told = {name: name for name in offers.models}
    return _on_offer("model", told, model_of(agent.model, offers), reader)


def _look_at_models(gate: Gate) -> Sequence[NoticeDraft]:
    shown = models(gate.scope.agent(), gate.offers, gate.reader())
    return gate.answer("reply.models", {**shown})


async def _model(line: Line) -> StepCommit:
    """Another model from the next message on."""
    agent = (await line.door.head(line.claim)).agent
    wanted = line.claim.first.text.strip()
    if wanted.lower() == DEFAULT:
        step = StepCommit(agent=AgentChange(None))
        return line.done("reply.model_default", step, {"model": line.offers.model})
    found = [
        each
        for each in line.offers.models
        if wanted.lower() in {each.lower(), each.lower().rpartition("/")[2]}
    ]
    if len(found) != 1:
        shown = models(agent, line.offers, line.reader)
        return line.done("reply.model_not_allowed", None, {"name": wanted, **shown})
    step = StepCommit(agent=AgentChange(found[0]))
    return line.done("reply.model_changed", step, {"model": found[0]})


COMMANDS: tuple[Command, ...] = (
    InLine("persona", _persona, look=_look_at_personas),
    InLine("model", _model, look=_look_at_models),
)

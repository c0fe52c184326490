"""Two people of a store who link: short ways to ask, and to see what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from agentcore.records import (
    Address,
    Admission,
    AgentId,
    BlockEdit,
    Duplicate,
    EditActor,
    JoinProposal,
    LinkEffect,
    LinkReply,
    LinkRequest,
    NoticeDraft,
    Origin,
    Refused,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.store.gate import GateScope
from agentcore.store.links import Said
from tests.contracts.store_world import Chunks, World, block_of


class PlainSaying:
    """Says which outcome it was, and to whom else something has happened."""

    def answer(self, address: Address, reply: LinkReply) -> Said:
        draft = NoticeDraft(address, f"reply.{reply.outcome}")
        return Said(kept=[draft]) if reply.effect is not None else Said(fleeting=[draft])

    def told(
        self, address: Address, effect: LinkEffect, language: str | None, zone: str | None
    ) -> NoticeDraft:
        return NoticeDraft(address, "told.parted" if effect.parted else "told.linked")

    def shown(
        self, address: Address, platform: str, language: str | None, zone: str | None
    ) -> NoticeDraft:
        return NoticeDraft(address, "told.shown", {"on": platform})


def begin_incognito(scope: GateScope) -> Sequence[NoticeDraft]:
    """As a command at the gate."""
    scope.begin_incognito()
    return []


@dataclass
class Linking:
    """`who` names a person of the platform "test"; another platform is a change to what they send."""

    world: World

    async def ask(
        self,
        who: str,
        request: LinkRequest,
        *,
        admission: Admission | None = None,
        proposal: JoinProposal | None = None,
        **changes: Any,
    ) -> LinkReply | Refused | Duplicate:
        submission = self.world.submission("", who=who, command="link", **changes)
        return await self.world.store.links.ask(
            submission, request, admission or Admission(), PlainSaying(), Chunks(), proposal
        )

    async def reply(self, who: str, request: LinkRequest, **changes: Any) -> LinkReply:
        """What must be an answer."""
        reply = await self.ask(who, request, **changes)
        assert isinstance(reply, LinkReply), reply
        return reply

    async def code(self, who: str) -> str:
        return (await self.reply(who, LinkRequest("code"))).code

    async def shown(self, who: str, giver: str, **changes: Any) -> LinkReply:
        """What somebody is shown who brings the other's code."""
        return await self.reply(who, LinkRequest("use", await self.code(giver)), **changes)

    async def confirm(self, who: str, number: int | None = None, **changes: Any) -> LinkReply:
        proposal = changes.pop("proposal", JoinProposal())
        request = LinkRequest("confirm", number=number)
        return await self.reply(who, request, proposal=proposal, **changes)

    async def link(self, who: str, giver: str, **changes: Any) -> LinkEffect:
        """From the code to the end."""
        shown = await self.shown(who, giver)
        assert shown.outcome == "preview", shown
        reply = await self.confirm(who, shown.number, **changes)
        assert reply.effect is not None, reply
        return reply.effect

    async def part(self, who: str) -> LinkReply:
        listed = await self.reply(who, LinkRequest("list"))
        return await self.reply(who, LinkRequest("part", number=listed.links[-1].number))

    async def note(self, who: str, *lines: str, label: str = "human", **changes: Any) -> AgentId:
        """A turn of theirs in which these lines are noted."""
        self.world.later(1)
        accepted = await self.world.say(f"note {lines}", who=who)
        (claim,) = await self.world.claim()
        block = block_of(await self.world.door(accepted.agent_id).blocks(), label)
        value = "\n".join([*([block.value] if block.value else []), *lines])
        edit = BlockEdit(block, value, EditActor.TOOL, Origin.OWNER)
        await self.world.answer(claim, "noted", edits=(replace(edit, **changes),))
        return accepted.agent_id

    async def user_of(self, who: str) -> UserId:
        mine = sa.select(t.identity).where(t.identity.c.external_id == who)
        return UserId((await self.world.rows(mine))[0]["user_id"])

    async def memory(self, agent_id: AgentId, label: str = "human") -> list[str]:
        blocks = await self.world.door(agent_id).blocks()
        return block_of(blocks, label).value.split("\n")

    async def answering(self, who: str, text: str = "Hello") -> AgentId:
        """Who answers them now; the message is answered."""
        agent_id = (await self.world.say(text, who=who)).agent_id
        for claim in await self.world.claim():
            await self.world.answer(claim)
        return agent_id

"""Presses of buttons: a press stands for the command that the button was sent with."""

from __future__ import annotations

from dataclasses import dataclass, replace

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Receipt
from agentcore.records import AgentId, IdentityKey, NoticeAction, SentButtons
from agentcore.store.chats import Chats
from bot.texts import text_of
from bot.wording.actions import parsed_token


@dataclass(frozen=True, slots=True)
class Pressed:
    """What was pressed, where it stands, and of which agent's it is."""

    action: NoticeAction
    address: ChatAddress
    agent_id: AgentId | None


async def as_command(inbound: Inbound, chats: Chats) -> Inbound | Receipt:
    """What the presser would have written where the button stands; a refusal if it isn't theirs to
    press, or nobody knows it any more.
    """
    pressed = await button_of(inbound, chats)
    if isinstance(pressed, Receipt):
        return pressed
    written = pressed.action.command
    if pressed.action.kind == "form":
        if inbound.filled is None:
            return refused("refused.press_unfilled", inbound)
        written = f"{written} {inbound.filled}"
    parts = (InboundPart(written),)
    return replace(inbound, address=pressed.address, parts=parts, message_id=None)


async def button_of(inbound: Inbound, chats: Chats) -> Pressed | Receipt:
    """The button, if the sender may press it."""
    nonce, number = parsed_token(inbound.pressed or "")
    found = await chats.buttons(nonce, sender_of(inbound)) if nonce else None
    if found is None or number >= len(found.actions):
        return refused("refused.press_gone", inbound)
    address = ChatAddress.parse(found.address)
    if address.home != inbound.address.home or not _may_press(inbound, found):
        return refused("refused.press_not_yours", inbound)
    return Pressed(found.actions[number], address, found.agent_id)


def refused(key: str, inbound: Inbound) -> Receipt:
    """A refusal in the sender's language."""
    return Receipt("refused", text=text_of(key, {}, inbound.sender.language))


def _may_press(inbound: Inbound, found: SentButtons) -> bool:
    """In a chat of several: the person who is answered; about the chat's own agent, an admin too."""
    if inbound.audience == "private" or found.theirs:
        return True
    return inbound.sender.admin and found.of_the_chat


def sender_of(inbound: Inbound) -> IdentityKey:
    """Who wrote or pressed."""
    return IdentityKey(
        inbound.address.platform, inbound.address.account, inbound.sender.external_id
    )

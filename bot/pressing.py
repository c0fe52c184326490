"""Presses of buttons: a press stands for the command that the button was sent with."""

from __future__ import annotations

from dataclasses import replace

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Receipt
from agentcore.chats import Chats
from agentcore.records import IdentityKey, SentButtons
from bot.actions import parsed_token
from bot.texts import text_of


async def as_command(inbound: Inbound, chats: Chats) -> Inbound | Receipt:
    """What the presser would have written where the button stands; a refusal if it isn't theirs to
    press, or nobody knows it any more.
    """
    language = inbound.sender.language
    nonce, number = parsed_token(inbound.pressed or "")
    found = await chats.buttons(nonce, sender_of(inbound)) if nonce else None
    if found is None or number >= len(found.actions):
        return Receipt("refused", text=text_of("refused.press_gone", {}, language))
    address = ChatAddress.parse(found.address)
    if address.home != inbound.address.home or not _may_press(inbound, found):
        return Receipt("refused", text=text_of("refused.press_not_yours", {}, language))
    command = InboundPart(found.actions[number].command)
    return replace(inbound, address=address, parts=(command,), message_id=None)


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

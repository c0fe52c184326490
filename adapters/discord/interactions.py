"""What people tap and choose: commands, buttons, lists and forms.

Discord has to hear of each within three seconds, whatever the service is busy with; so that comes
first, and says already who will see the answer. Then the deed is handed to the service, and tried
again while that can't store it: Discord doesn't repeat it. The answer comes through the outbox,
by the handle that went with it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio
import discord
import structlog
from discord import InteractionType

from adapters.backoff import Backoff
from adapters.base import AdapterContext, Inbound, InboundPart, Receipt
from adapters.delivery import Form
from adapters.discord.addresses import Addresses
from adapters.discord.answers import Answers
from adapters.discord.commands import chosen_message, noted, unreadable, words_of
from adapters.discord.custom_ids import CustomId, custom_id, parsed
from adapters.discord.forms import filled_in, fits, modal_of
from adapters.discord.menus import ASK
from adapters.discord.occasions import Occasion, occasion_of
from adapters.discord.order import Order

_MOST_KNOWN = 1_000
_DISCORDS_EPOCH_MS = 1_420_070_400_000
_BUTTON = discord.ComponentType.button

_log = structlog.get_logger(__name__)

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds. `form`: for the service to say what a form asks for, which Discord wants at once.
    `handing`: how long handing a deed over is tried, with pauses between `first_pause` and
    `longest_pause`; an interaction can be answered for fifteen minutes.
    """

    form: float = 2.0
    handing: float = 14 * 60.0
    first_pause: float = 0.25
    longest_pause: float = 15.0


PATIENCE = Patience()


class Interactions:
    """Takes interactions in. Any number at once."""

    def __init__(
        self,
        context: AdapterContext,
        addresses: Addresses,
        order: Order,
        patience: Patience = PATIENCE,
    ) -> None:
        self._context = context
        self._addresses = addresses
        self._order = order
        self._patience = patience
        self._in_chats = {
            each.command: each.confidential for each in context.wording.menu("chat", None)
        }
        private = {each.command for each in context.wording.menu("private", None)}
        self._commands = {ASK, *self._in_chats, *private}
        self._known: OrderedDict[int, None] = OrderedDict()

    async def take(self, interaction: discord.Interaction) -> None:
        """Until it is with the service, or the person was told that it isn't."""
        if self._seen(interaction.id):
            return
        answers = Answers(interaction)
        try:
            await self._take(interaction, answers)
        except Exception as error:  # noqa: BLE001 - foreign data through foreign code
            _log.exception(
                "an interaction was lost", interaction=interaction.id, error=type(error).__name__
            )
            await answers.say(self._text("discord.failed", interaction))

    def _seen(self, interaction_id: int) -> bool:
        """The gateway may tell of one twice."""
        if interaction_id in self._known:
            return True
        self._known[interaction_id] = None
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return False

    async def _take(self, interaction: discord.Interaction, answers: Answers) -> None:
        occasion = occasion_of(interaction, self._addresses)
        data: Raw = dict(interaction.data or {})
        match interaction.type:
            case InteractionType.application_command:
                await self._command(interaction, data, occasion, answers)
            case InteractionType.component | InteractionType.modal_submit:
                found = parsed(_pressed_id(data))
                await self._acted(interaction, data, found, occasion, answers)
            case other:
                _log.info("an interaction of no interest", kind=other.name)

    # Commands

    async def _command(
        self, interaction: discord.Interaction, data: Raw, occasion: Occasion, answers: Answers
    ) -> None:
        if data["type"] == discord.AppCommandType.message.value:
            await self._remember(interaction, data, occasion, answers)
            return
        if data["name"] not in self._commands:
            await answers.say(self._text("discord.outdated", interaction))
            return
        await answers.announce(ephemeral=self._is_secret(str(data["name"]), occasion))
        said = (InboundPart(words_of(data)),)
        await self._handed_in(self._inbound(interaction, occasion, answers, parts=said), answers)

    def _is_secret(self, command: str, occasion: Occasion) -> bool:
        """Whether the answer is for the sender's eyes. Between the two of them all of it is, and
        stays there to be read again.
        """
        if occasion.secret or occasion.audience == "private" or command == ASK:
            return occasion.secret
        return self._in_chats.get(command, True)

    async def _remember(
        self, interaction: discord.Interaction, data: Raw, occasion: Occasion, answers: Answers
    ) -> None:
        """A message that somebody wants kept is their own matter, wherever it stands."""
        message = chosen_message(data)
        part = noted(message, interaction.user.id)
        if part is None:
            await answers.say(self._text("discord.nothing_to_remember", interaction))
            return
        in_the_open = occasion.audience == "chat" or occasion.secret
        await answers.announce(ephemeral=in_the_open)
        request = InboundPart(self._text("discord.remember_request", interaction))
        inbound = self._inbound(interaction, occasion.own, answers, parts=(request, part))
        await self._handed_in(replace(inbound, unreadable=unreadable(message)), answers)

    # Buttons, lists and forms

    async def _acted(
        self,
        interaction: discord.Interaction,
        data: Raw,
        found: CustomId | None,
        occasion: Occasion,
        answers: Answers,
    ) -> None:
        if found is None:
            await answers.say(self._text("discord.outdated", interaction))
            return
        message = interaction.message
        ephemeral = occasion.secret or message is None or message.flags.ephemeral
        inbound = self._inbound(interaction, occasion.about(found.chat), answers)
        match found.kind:
            case "form":
                await self._form(replace(inbound, pressed=found.token), found, answers)
                return
            case "modal":
                inbound = replace(inbound, pressed=found.token, filled=filled_in(data))
            case "action" | "select":
                inbound = replace(inbound, pressed=found.token)
        await (answers.announce if message is None else answers.acknowledge)(ephemeral=ephemeral)
        handle = answers.handle()
        inbound = replace(inbound, answer_via=None if handle is None else str(handle))
        receipt = await self._handed_in(inbound, answers)
        done = receipt is not None and receipt.outcome in {"accepted", "answered"}
        if done and message is not None and _is_used_up(message):
            await answers.put_away(message)

    async def _form(self, press: Inbound, found: CustomId, answers: Answers) -> None:
        """What a form asks for has to be known before Discord is answered."""
        asked: Form | Receipt | None = None
        with anyio.move_on_after(min(self._patience.form, answers.seconds_left)):
            try:
                asked = await self._context.forms.form(press)
            except Exception as error:  # noqa: BLE001 - the person is to try again
                _log.warning("a form is not known", error=type(error).__name__)
        if isinstance(asked, Form) and fits(asked):
            modal = modal_of(asked, custom_id("modal", found.token, found.chat))
            await answers.show(modal)
        elif isinstance(asked, Receipt) and asked.text:
            await answers.say(asked.text)
        else:
            key = "discord.too_late" if asked is None else "discord.too_long"
            await answers.say(self._context.wording.text(key, {}, press.sender.language))

    # Handing over

    def _inbound(
        self,
        interaction: discord.Interaction,
        occasion: Occasion,
        answers: Answers,
        parts: tuple[InboundPart, ...] = (),
    ) -> Inbound:
        handle = answers.handle()
        return Inbound(
            update_id=f"interaction:{interaction.id}",
            address=occasion.address,
            sender=occasion.sender,
            parts=parts,
            audience=occasion.audience,
            answer_via=None if handle is None else str(handle),
            sent_at=((interaction.id >> 22) + _DISCORDS_EPOCH_MS) * 1_000,
        )

    async def _handed_in(self, inbound: Inbound, answers: Answers) -> Receipt | None:
        """What became of it; None: nothing, and the person knows."""
        receipt = await self._accepted(inbound)
        language = inbound.sender.language
        match receipt:
            case None:
                await answers.say(self._context.wording.text("discord.failed", {}, language))
            case Receipt(outcome="ignored"):
                await answers.say(self._context.wording.text("discord.not_here", {}, language))
            case Receipt(outcome="refused", text=text) if inbound.pressed is not None or not text:
                await answers.say(text)
        return receipt

    async def _accepted(self, inbound: Inbound) -> Receipt | None:
        """Hand it over, after all that came before in the chat. None: the service couldn't take it
        for so long that nobody waits for it any more.
        """
        until = anyio.current_time() + self._patience.handing
        backoff = Backoff(self._patience.first_pause, self._patience.longest_pause)
        async with self._order.of(inbound.address):
            while True:
                try:
                    return await self._context.service.accept(inbound)
                except Exception as error:  # noqa: BLE001 - it isn't stored: tried again
                    _log.warning("an interaction waits", error=type(error).__name__)
                if anyio.current_time() >= until:
                    return None
                await backoff.wait()

    def _text(self, key: str, interaction: discord.Interaction) -> str:
        language = str(interaction.locale.value).partition("-")[0]
        return self._context.wording.text(key, {}, language)


def _pressed_id(data: Raw) -> str:
    """Of the button, of the option that was chosen from a list, or of the form."""
    chosen = data.get("values") or [data["custom_id"]]
    return str(chosen[0])


def _is_used_up(message: discord.Message) -> bool:
    """Whether a press was all that its buttons are for. Lists and forms are there to be used again."""
    inner = [
        each
        for row in message.components
        for each in (row.children if isinstance(row, discord.ActionRow) else [row])
    ]
    ids = [parsed(each.custom_id or "") for each in inner if isinstance(each, discord.Button)]
    forms = any(each is not None and each.kind == "form" for each in ids)
    return all(each.type is _BUTTON for each in inner) and not forms

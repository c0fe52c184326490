"""What people tap and choose: commands, buttons, lists and forms.

Discord has to hear of each within three seconds, whatever the service is busy with; so that comes
first, and says already who will see the answer. Then the deed is handed to the service, and tried
again while that can't store it: Discord doesn't repeat it. The answer comes through the outbox,
by the handle that went with it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import anyio
import discord
import structlog
from discord import InteractionType

from adapters.base import AdapterContext, Inbound, InboundPart, Receipt
from adapters.delivery import Form
from adapters.discord.addresses import Addresses
from adapters.discord.answers import Answers
from adapters.discord.commands import chosen_message, left_out, noted, words_of
from adapters.discord.custom_ids import CustomId, custom_id, parsed
from adapters.discord.forms import filled_in, fits, modal_of
from adapters.discord.menus import ASK
from adapters.discord.messages import micros_of, name_of
from adapters.discord.occasions import Occasion, language_of, occasion_of
from adapters.discord.order import Order
from adapters.discord.payloads import Contents
from adapters.discord.texts import Names, spelled_out
from adapters.push.backoff import Backoff
from adapters.push.latest import Latest

_MOST_KNOWN = 1_000
_BUTTON = discord.ComponentType.button

_log = structlog.get_logger(__name__)

Raw = Mapping[str, Any]
_Notice = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds. `form`: for the service to say what a form asks for, which Discord wants at once.
    `handing`: how long handing a deed over is tried, with pauses between `first_pause` and
    `longest_pause`; an interaction can be answered for fifteen minutes. `farewell`: for telling
    people at the end that they waited in vain.
    """

    form: float = 2.0
    handing: float = 14 * 60.0
    first_pause: float = 0.25
    longest_pause: float = 15.0
    farewell: float = 2.0


PATIENCE = Patience()


@dataclass(slots=True)
class _Deed:
    """One interaction. `with_the_service`: it is stored, or nobody knows whether it is."""

    interaction: discord.Interaction
    answers: Answers
    with_the_service: bool = False
    began_at: float = field(default_factory=anyio.current_time)

    @property
    def data(self) -> Raw:
        return dict(self.interaction.data or {})

    def spelled(self, contents: Contents) -> str:
        """With names for the people, roles and channels that it marks."""
        guild = self.interaction.guild
        people = {each.id: name_of(each) for each in contents.mentions}
        roles = None if guild is None else guild.get_role
        channels = None if guild is None else guild.get_channel_or_thread
        return spelled_out(contents.content, people, _naming(roles), _naming(channels))

    def inbound(self, occasion: Occasion, *parts: InboundPart, pressed: str = "") -> Inbound:
        """What the service is told of it."""
        number = self.interaction.id
        return Inbound(
            update_id=f"interaction:{number}",
            address=occasion.address,
            sender=occasion.sender,
            parts=parts,
            audience=occasion.audience,
            pressed=pressed or None,
            sent_at=micros_of(number),
        )


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
        private, chat = (context.wording.menu(each, None) for each in ("private", "chat"))
        self._commands = {ASK, *(each.command for each in (*private, *chat))}
        self._for_all = self._commands - {
            each.command for each in (*private, *chat) if each.confidential
        }
        self._known: Latest[int, None] = Latest(_MOST_KNOWN)

    async def take(self, interaction: discord.Interaction) -> None:
        """Until it is with the service, or the person was told that it isn't."""
        if self._seen(interaction.id):
            return
        deed = _Deed(interaction, Answers(interaction))
        try:
            await self._take(deed)
        except anyio.get_cancelled_exc_class():
            if not deed.with_the_service:
                with anyio.move_on_after(self._patience.farewell, shield=True):
                    await self._say("discord.failed", deed)
            raise
        except Exception as error:  # noqa: BLE001 - foreign data through foreign code
            _log.error(
                "an interaction went wrong",
                interaction=interaction.id,
                error=type(error).__name__,
                taken_in=deed.with_the_service,
            )
            if not deed.with_the_service:
                await self._say("discord.failed", deed)

    def _seen(self, interaction_id: int) -> bool:
        """The gateway may tell of one twice."""
        if interaction_id in self._known:
            return True
        self._known[interaction_id] = None
        return False

    async def _take(self, deed: _Deed) -> None:
        occasion = occasion_of(deed.interaction, self._addresses)
        match deed.interaction.type:
            case InteractionType.application_command:
                await self._command(deed, occasion)
            case InteractionType.component | InteractionType.modal_submit:
                found = parsed(_pressed_id(deed.data))
                if found is None:
                    await self._say("discord.outdated", deed)
                elif found.kind == "form":
                    await self._asked_for_form(deed, occasion.about(found.chat), found)
                else:
                    await self._pressed(deed, occasion, found)
            case other:
                _log.info("an interaction of no interest", kind=other.name)

    # Commands

    async def _command(self, deed: _Deed, occasion: Occasion) -> None:
        data = deed.data
        if data["type"] == discord.AppCommandType.message.value:
            await self._remember(deed, occasion)
        elif data["name"] not in self._commands:
            await self._say("discord.outdated", deed)
        else:
            secret = self._is_secret(str(data["name"]), occasion)
            notice = partial(deed.answers.announce, ephemeral=secret)
            said = InboundPart(words_of(data))
            await self._handed_in(deed, notice, deed.inbound(occasion, said))

    def _is_secret(self, command: str, occasion: Occasion) -> bool:
        """Whether the answer is for the sender's eyes. Between the two of them all of it is, and
        stays there to be read again. What is confidential in private isn't for a channel either.
        """
        if occasion.audience == "private":
            return occasion.secret
        return command not in self._for_all

    async def _remember(self, deed: _Deed, occasion: Occasion) -> None:
        """A message that somebody wants kept is their own matter, wherever it stands."""
        message = chosen_message(deed.data)
        parts = noted(message, deed.interaction.user.id, deed.spelled)
        if not parts:
            await self._say("discord.nothing_to_remember", deed)
            return
        in_the_open = occasion.secret or occasion.audience == "chat"
        notice = partial(deed.answers.announce, ephemeral=in_the_open)
        request = InboundPart(self._text("discord.remember_request", deed))
        inbound = deed.inbound(occasion.own, request, *parts)
        await self._handed_in(deed, notice, replace(inbound, unreadable=left_out(message)))

    # Buttons, lists and forms

    async def _pressed(self, deed: _Deed, occasion: Occasion, found: CustomId) -> None:
        message = deed.interaction.message
        if message is None:
            notice = partial(deed.answers.announce, ephemeral=True)
        else:
            secret = occasion.secret or message.flags.ephemeral
            notice = partial(deed.answers.acknowledge, ephemeral=secret)
        inbound = deed.inbound(occasion.about(found.chat), pressed=found.token)
        if found.kind == "modal":
            inbound = replace(inbound, filled=filled_in(deed.data))
        receipt = await self._handed_in(deed, notice, inbound)
        done = receipt is not None and receipt.outcome in {"accepted", "answered"}
        stay = receipt is not None and receipt.buttons_stay
        if done and not stay and message is not None and _is_used_up(message):
            await deed.answers.put_away(message)

    async def _asked_for_form(self, deed: _Deed, occasion: Occasion, found: CustomId) -> None:
        """What a form asks for has to be known before Discord is answered."""
        asked: Form | Receipt | None = None
        with anyio.move_on_after(min(self._patience.form, deed.answers.seconds_left)):
            try:
                press = deed.inbound(occasion, pressed=found.token)
                asked = await self._context.forms.form(press)
            except Exception as error:  # noqa: BLE001 - the person is to try again
                _log.warning("a form is not known", error=type(error).__name__)
        match asked:
            case None:
                await self._say("discord.too_late", deed)
            case Receipt(text=text):
                await deed.answers.say(text or self._text("discord.outdated", deed))
            case Form() if fits(asked):
                modal = modal_of(asked, custom_id("modal", found.token, found.chat))
                await deed.answers.show(modal)
            case Form():
                await self._say("discord.too_long", deed)

    # Handing over

    async def _handed_in(self, deed: _Deed, notice: _Notice, inbound: Inbound) -> Receipt | None:
        """Give Discord notice at once, and hand it over after all that came before in the chat.
        What became of it; None: nothing, and the person knows.
        """
        noticed = anyio.Event()

        async def give() -> None:
            await notice()
            noticed.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(give)
            async with self._order.of(inbound.address):
                await noticed.wait()
                handle = deed.answers.handle()
                via = None if handle is None else str(handle)
                receipt = await self._accepted(deed, replace(inbound, answer_via=via))
        await self._tell(deed, inbound, receipt)
        return receipt

    async def _tell(self, deed: _Deed, inbound: Inbound, receipt: Receipt | None) -> None:
        """What doesn't come through the outbox."""
        match receipt:
            case None:
                await self._say("discord.failed", deed)
            case Receipt(outcome="ignored"):
                await self._say("discord.not_here", deed)
            case Receipt(outcome="refused", text=text) if inbound.pressed is not None or not text:
                await deed.answers.say(text)

    async def _accepted(self, deed: _Deed, inbound: Inbound) -> Receipt | None:
        """None: the service couldn't take it for so long that nobody waits for it any more."""
        until = deed.began_at + self._patience.handing
        backoff = Backoff(self._patience.first_pause, self._patience.longest_pause)
        while True:
            deed.with_the_service = True
            try:
                return await self._context.service.accept(inbound)
            except Exception as error:  # noqa: BLE001 - it isn't stored: tried again
                _log.warning("an interaction waits", error=type(error).__name__)
            deed.with_the_service = False
            if anyio.current_time() >= until:
                return None
            await backoff.wait()

    async def _say(self, key: str, deed: _Deed) -> None:
        await deed.answers.say(self._text(key, deed))

    def _text(self, key: str, deed: _Deed) -> str:
        return self._context.wording.text(key, {}, language_of(deed.interaction))


def _naming(find: Callable[[int], Any] | None) -> Names:
    """The names of what is found by its id."""

    def name(number: int) -> str | None:
        found = None if find is None else find(number)
        return None if found is None else str(found.name)

    return name


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

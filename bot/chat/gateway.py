"""The way in and the feed out: `adapters.base.Service`, as the service itself carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from adapters.addresses import ChatAddress
from adapters.base import Adapter, Inbound, Receipt
from adapters.feed import Cursor, written_out
from agentcore.clock import Clock, Micros, seconds
from agentcore.records import (
    Accepted,
    Address,
    Admission,
    AgentId,
    AgentSeed,
    Duplicate,
    Ignored,
    Origin,
    Refused,
    Submission,
    TextPart,
    storable,
)
from agentcore.store import Store
from agentcore.store.gate import Composer, GateCommand
from bot import commands
from bot.chat.feed import ChatFeed
from bot.chat.pressing import as_command, sender_of
from bot.commands import AtGate, Command
from bot.offers import Offers
from bot.people import deletions, exports, linking
from bot.people.deletions import Deletions
from bot.people.exports import Exports
from bot.people.linking import Linking
from bot.texts import text_of
from bot.waking.hints import Hints
from bot.wording.actions import actions_of
from bot.wording.names import display_name

_PAST_THE_GATE = linking.COMMANDS | {deletions.COMMAND, exports.COMMAND}
IGNORED = Receipt("ignored")
Groups = Literal["off", "shared", "personal"]
AdmissionFor = Callable[[Inbound], Admission]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is let in, what a newcomer's agent is made from, what people may choose from, how they
    leave, how they get what is theirs, how they become one, and who answers in chats of several.
    """

    admission: AdmissionFor
    seed: Callable[[], AgentSeed]
    offers: Offers
    deletions: Deletions
    exports: Exports
    linking: Linking
    groups: Groups = "shared"


class Gateway:
    """`Service` over the store. Safe for any number of callers at once."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        composer: Composer,
        adapters: Mapping[str, Adapter],
        hints: Hints,
        clock: Clock,
    ) -> None:
        self._store = store
        self._policy = policy
        self._composer = composer
        self._adapters = adapters
        self._hints = hints
        self._clock = clock

    async def accept(self, inbound: Inbound) -> Receipt:
        """See `Service.accept`."""
        if inbound.pressed is None:
            meant = await self._heard(inbound)
        else:
            meant = await as_command(inbound, self._store.chats)
        if isinstance(meant, Receipt):
            return meant
        submission = self._submission(meant)
        admission = self._policy.admission(inbound)
        if submission.command in _PAST_THE_GATE:
            return await self._past_the_gate(submission, admission)
        command, at_the_gate = self._command(submission)
        stay = inbound.pressed is not None and _leaves_buttons(command, inbound)
        outcome = await self._store.accept(
            submission,
            admission,
            self._policy.seed,
            self._composer,
            at_the_gate,
        )
        match outcome:
            case Accepted() as accepted:
                self._wake(submission, accepted, answered=at_the_gate is not None)
                if isinstance(command, AtGate):
                    self._carry_on(command, submission.text, accepted.agent_id)
                return Receipt("accepted", accepted.position, buttons_stay=stay)
            case Duplicate(position=position):
                return Receipt("duplicate", position, buttons_stay=stay)
            case Ignored():
                return IGNORED
            case Refused() as refused:
                return self._refused(submission, refused)

    async def _past_the_gate(self, submission: Submission, admission: Admission) -> Receipt:
        """Who leaves, who takes what is theirs, or who comes in as somebody else."""
        if submission.command == deletions.COMMAND:
            return await self._policy.deletions.answer(submission)
        if submission.command == exports.COMMAND:
            return await self._policy.exports.answer(submission)
        answered = await self._policy.linking.answer(submission, admission)
        return answered if isinstance(answered, Receipt) else self._refused(submission, answered)

    def _refused(self, submission: Submission, refused: Refused) -> Receipt:
        self._hints.outbox.note(submission.address, submission.received_at)
        return Receipt("refused", text=_refusal(refused, submission.language))

    async def _heard(self, inbound: Inbound) -> Inbound | Receipt:
        """What is to be taken in: what is said to nobody or to others only where the chat wants
        that. Edits of what was let in before are found by the store.
        """
        if inbound.addressed:
            return inbound
        if inbound.audience == "private":
            return replace(inbound, addressed=True)
        if self._policy.groups == "off":
            return IGNORED
        if await self._store.chats.listens(Address(str(inbound.address.home))):
            return replace(inbound, addressed=True) if inbound.parts else IGNORED
        return inbound if inbound.edited else IGNORED

    def _command(self, submission: Submission) -> tuple[Command | None, GateCommand | None]:
        """The command that was written, if one was, and what of it runs at once."""
        if submission.command is None:
            return None, None
        command = commands.named(submission.command)
        asked = commands.Asked(submission.command, submission.text)
        offers = self._policy.offers
        return command, commands.at_the_gate(command, asked, submission.address, offers)

    def _wake(self, submission: Submission, accepted: Accepted, *, answered: bool) -> None:
        if answered or accepted.first_contact:  # newcomers are told the terms
            self._hints.told_at(submission.address, submission.received_at)
        if not answered:
            self._hints.work_for(accepted.agent_id, submission.due_at)

    def _carry_on(self, command: AtGate, argument: str, agent_id: AgentId) -> None:
        """Wake whoever goes on with what a command at the gate has begun."""
        match command.wakes:
            case "turns":
                self._hints.stop_asked.ring()
            case "wiping":
                self._hints.wipe_asked.ring()
            case "sleep":
                self._hints.sleep_asked.ring()
            case None:
                pass
        if command.interrupts(argument):
            self._hints.awake(agent_id)

    def _submission(self, inbound: Inbound) -> Submission:
        now = self._clock.now()
        parts = tuple(TextPart(storable(part.text), Origin(part.origin)) for part in inbound.parts)
        # A forwarded "/delete" is no command of the person who forwards it.
        own = len(parts) == 1 and parts[0].origin is Origin.OWNER
        asked = commands.parsed(parts[0].text) if own else None
        if asked is not None:
            parts = (TextPart(asked.argument, Origin.OWNER),)
        return Submission(
            source=inbound.address.source,
            update_id=inbound.update_id,
            key=sender_of(inbound),
            display_name=display_name(inbound.sender.display_name),
            address=Address(str(inbound.address)),
            audience=inbound.audience,
            kind="message" if asked is None else "command",
            parts=parts,
            received_at=now,
            due_at=Micros(now + (self._debounce(inbound.address) if asked is None else 0)),
            command=None if asked is None else asked.name,
            speaker=display_name(inbound.sender.display_name)
            if inbound.audience == "chat"
            else None,
            platform_message_id=inbound.message_id,
            answer_via=inbound.answer_via,
            otid=inbound.update_id,
            language=inbound.sender.language,
            home=Address(str(inbound.address.home)),
            personal=self._policy.groups == "personal",
            pressed=inbound.pressed is not None,
            addressed=inbound.addressed,
            by_an_admin=inbound.sender.admin,
            unreadable=inbound.unreadable,
            edited=inbound.edited and inbound.message_id is not None,
        )

    def _debounce(self, address: ChatAddress) -> Micros:
        adapter = self._adapters.get(address.source)
        return seconds(adapter.capabilities.debounce if adapter is not None else 0.0)

    def watch(self, address: ChatAddress, after: Cursor | None) -> ChatFeed:
        """See `Service.watch`."""
        return ChatFeed(self._store, self._hints, Address(str(address)), after)


def _leaves_buttons(command: Command | None, inbound: Inbound) -> bool:
    """Whether there is as much to press as before."""
    left = "gone" if command is None else command.buttons
    return left == "stay" or (left == "stay in chats" and inbound.audience == "chat")


def _refusal(refused: Refused, language: str | None) -> str:
    key = f"refused.{refused.reason}"
    actions = actions_of(key, refused.arguments, language)
    return written_out(text_of(key, refused.arguments, language), actions)

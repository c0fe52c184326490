"""What the web page shows around a chat, read from the store: `adapters.surroundings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, Self

from adapters.addresses import ChatAddress
from adapters.base import Sender
from adapters.feed import Cursor
from adapters.surroundings import Memory, MemoryBlock, MemoryLine, Past, Persona, Profile
from adapters.wording import MenuEntry
from agentcore.memory.changes import new_lines
from agentcore.memory.listing import memory_lines
from agentcore.records import (
    OWNER,
    Address,
    AgentId,
    Block,
    EditActor,
    FeedPlace,
    IdentityKey,
    Revision,
    Standing,
)
from agentcore.store import Store
from agentcore.templates import Template
from bot.chat.feed import LOOK_AGAIN, cursor_at, feed_message
from bot.commands.choices import template_name
from bot.commands.undo import StandingChanges
from bot.people.exports import Exports
from bot.texts import LANGUAGES, language_of
from bot.waking.hints import Hints, Watcher
from bot.wording.menu import menu_of
from bot.wording.names import provider_of, search_provider_of
from config.settings import OFFLINE, Settings

RECENT = 50
"""Revisions looked through for what the newest edit changed."""


class OwnSurroundings:
    """`Surroundings` over the store."""

    def __init__(
        self,
        store: Store,
        hints: Hints,
        settings: Settings,
        templates: Mapping[str, Template],
        exports: Exports,
    ) -> None:
        self._store = store
        self._hints = hints
        self._settings = settings
        self._exports = exports
        self._personas = tuple(
            Persona(each.name, each.name.replace("_", " ").title(), each.description)
            for each in templates.values()
        )

    async def profile(self, address: ChatAddress, sender: Sender) -> Profile:
        standing = await self._store.standing(_key(address, sender))
        model = (standing.model if standing is not None else None) or self._settings.model
        language = (standing.language if standing is not None else None) or sender.language
        profile = Profile(
            model=model,
            provider=provider_of(model, self._settings),
            offline=model == OFFLINE,
            language=language_of(language),
            personas=self._personas,
            consent_required=self._settings.consent == "required",
        )
        if standing is None:
            return profile
        persona = None if standing.agent_id is None else template_name(standing.template or "")
        return replace(profile, persona=persona, access=_access(standing), consent=standing.consent)

    def memory(self, address: ChatAddress, sender: Sender) -> OwnMemory:
        return OwnMemory(self._store, self._hints, address, sender)

    async def beginning(self, address: ChatAddress, *, messages: int) -> Cursor:
        return cursor_at(await self._store.feed_start(Address(str(address)), messages=messages))

    async def past(
        self, address: ChatAddress, sender: Sender, *, before: Cursor | None, limit: int
    ) -> Past:
        standing = await self._store.standing(_key(address, sender))
        if standing is None or standing.agent_id is None:
            return Past((), more=False)
        door = self._store.for_agent(standing.agent_id, OWNER)
        place = None if before is None else FeedPlace(before.message, since=before.since)
        found = await door.past(Address(str(address)), before=place, limit=limit + 1)
        shown = [
            feed_message(each.message, cursor_at(each.place))
            for each in reversed(found[:limit])
            if each.message.text.strip()
        ]
        return Past(tuple(shown), more=len(found) > limit)

    async def export(self, address: ChatAddress, sender: Sender) -> Mapping[str, bytes]:
        files = await self._exports.files(_key(address, sender))
        return {} if files is None else files.named()

    def texts(self, prefix: str, language: str | None) -> Mapping[str, str]:
        own = dict(LANGUAGES[language_of(language)])
        if (search := search_provider_of(self._settings)) is not None:
            own["web.offline_long"] = own["web.offline_search"].format(search=search)
        return {key: text for key, text in own.items() if key.startswith(prefix)}

    def menu(self, language: str | None) -> Sequence[MenuEntry]:
        return menu_of("private", language)


class OwnMemory:
    """`MemoryStream` over the store. Followed by one reader; close it after use."""

    def __init__(self, store: Store, hints: Hints, address: ChatAddress, sender: Sender) -> None:
        self._store = store
        self._hints = hints
        self._address = Address(str(address))
        self._key = _key(address, sender)
        self._watcher: Watcher | None = None
        self._seen: tuple[tuple[str, int], ...] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Memory:
        while True:
            if self._watcher is None:
                # Before the first look, so that nothing falls between.
                self._watcher = self._hints.watch(self._address, previews=False)
            else:
                await self._watcher.bell.wait(at_most=LOOK_AGAIN)
            if (memory := await self._look()) is not None:
                return memory

    async def aclose(self) -> None:
        """Stop following."""
        if self._watcher is not None:
            self._hints.unwatch(self._address, self._watcher)
            self._watcher = None

    async def _look(self) -> Memory | None:
        """The memory, if it isn't as it was at the last look."""
        standing = await self._store.standing(self._key)
        agent_id = None if standing is None else standing.agent_id
        blocks: Sequence[Block] = ()
        if agent_id is not None:
            blocks = await self._store.for_agent(agent_id, OWNER).blocks()
        versions = tuple((block.block_id, block.version) for block in blocks)
        if versions == self._seen:
            return None
        self._seen = versions
        return await self._read(agent_id, blocks)

    async def _read(self, agent_id: AgentId | None, blocks: Sequence[Block]) -> Memory:
        if agent_id is None:
            return Memory(0, (), can_undo=False)
        door = self._store.for_agent(agent_id, OWNER)
        revisions = await door.revisions(limit=RECENT)
        standing = StandingChanges(door.provenance, blocks)
        changed = _changed(blocks, revisions)
        lines: dict[str, list[MemoryLine]] = {block.label: [] for block in blocks}
        for each in memory_lines(blocks):
            is_new = each.at in changed.get(each.block.block_id, ())
            lines[each.block.label].append(MemoryLine(each.number, each.text, is_new))
        return Memory(
            version=sum(block.version for block in blocks),
            blocks=tuple(
                MemoryBlock(
                    label=block.label,
                    description=block.description,
                    limit=block.limit,
                    characters=len(block.value),
                    read_only=block.read_only,
                    lines=tuple(lines[block.label]),
                )
                for block in blocks
            ),
            can_undo=await anext(standing, None) is not None,
        )


def _changed(
    blocks: Sequence[Block], revisions: Sequence[Revision]
) -> Mapping[str, frozenset[int]]:
    """For each block, the lines that the newest edits wrote: all those of one turn."""
    if not revisions or revisions[0].actor is EditActor.TEMPLATE:
        return {}
    newest = revisions[0]
    before: dict[str, str] = {}
    for each in revisions:
        if each.turn != newest.turn or (newest.turn is None and each is not newest):
            break
        before[each.block_id] = each.before  # the oldest of them comes last
    return {
        block.block_id: new_lines(before[block.block_id], block.value)
        for block in blocks
        if block.block_id in before
    }


def _access(standing: Standing) -> Literal["admitted", "pending", "blocked"]:
    return "pending" if standing.access == "expected" else standing.access


def _key(address: ChatAddress, sender: Sender) -> IdentityKey:
    return IdentityKey(address.platform, address.account, sender.external_id)

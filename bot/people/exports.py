"""`/export`: a person gets all that is kept of them, as files.

Like `/delete` it is neither a command at the gate nor one in the queue: whoever isn't let in any more
has a right to it as well, and reading everything would hold up whoever else writes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
from pydantic_core import to_json

from adapters.addresses import ChatAddress
from adapters.base import Receipt
from agentcore.agentfile import private_only, write_agent_file
from agentcore.clock import MINUTE, Clock, Micros, as_datetime
from agentcore.model import ToolSchema
from agentcore.records import (
    OWNER,
    IdentityKey,
    NoticeDraft,
    OutboxDraft,
    Submission,
    TextFile,
)
from agentcore.records.content import Content
from agentcore.store import Store
from agentcore.store.exports import PersonData
from agentcore.store.gate import Composer
from bot.texts import text_of
from bot.waking.hints import Hints

COMMAND = "export"
MOST_SENT = 7_000_000
"""Bytes of a file that every push platform takes."""
PAUSE = MINUTE
_MOMENT = re.compile(r".*_(?:at|until|seen)")


@dataclass(frozen=True, slots=True)
class Files:
    """What a person is given: `agent.af`, for other services, and `data.json`, with all there is."""

    agents: bytes
    data: bytes
    made_at: Micros

    def named(self) -> Mapping[str, bytes]:
        """The names under which they are saved."""
        day = as_datetime(self.made_at).date().isoformat()
        return {f"familiar-{day}.json": self.data, f"familiar-{day}.af": self.agents}


@dataclass(frozen=True, slots=True)
class Means:
    """What the files are made with: the tools that the service brings, and the model of agents that
    name none. In `folder` lie those that somebody on this machine asked for, in the terminal.
    """

    tools: Mapping[str, ToolSchema]
    model: str
    folder: Path


class Exports:
    """Makes the files, and sees to how they come to whoever asked."""

    def __init__(
        self,
        store: Store,
        composer: Composer,
        hints: Hints,
        clock: Clock,
        means: Means,
    ) -> None:
        self._store = store
        self._composer = composer
        self._hints = hints
        self._clock = clock
        self._means = means
        self._last: dict[IdentityKey, Micros] = {}

    async def answer(self, submission: Submission) -> Receipt:
        """Give it, or say why not."""
        standing = await self._store.standing(submission.key)
        if standing is not None and standing.access == "blocked":
            return Receipt("refused")
        language = submission.language if standing is None else standing.language
        key, arguments, files = await self._found(submission)
        keys = (key, "reply.export_agent") if files else (key,)
        notices = [
            self._composer.notice(NoticeDraft(submission.address, each, arguments), language)
            for each in keys
        ]
        given = [TextFile(name, content.decode()) for name, content in files.items()]
        chunks = _with_files(notices, given) if files else notices[0]
        await self._store.exports.answer(submission, chunks)
        self._hints.outbox.note(submission.address, self._clock.now())
        return Receipt("answered", text=text_of(key, arguments, language))

    async def _found(
        self, submission: Submission
    ) -> tuple[str, dict[str, str | int], Mapping[str, bytes]]:
        """What is said, and what is sent with it."""
        platform = ChatAddress.parse(submission.address).platform
        if submission.audience != "private":
            return "reply.private_only", {}, {}
        if platform == "web":  # the browser fetches it, and shows its cookie
            return "reply.export_web", {}, {}
        if not self._may_again(submission.key):
            return "reply.export_again", {}, {}
        made = await self.files(submission.key)
        if made is None:
            return "reply.export_nothing", {}, {}
        return await self._handed_over(platform, made.named())

    async def _handed_over(
        self, platform: str, files: Mapping[str, bytes]
    ) -> tuple[str, dict[str, str | int], Mapping[str, bytes]]:
        if platform == "terminal":
            paths = await self._written(files)
            return "reply.export_files", {"files": "\n".join(map(str, paths))}, {}
        if max(map(len, files.values())) > MOST_SENT:
            return "reply.export_too_large", {}, {}
        return "reply.export_sent", {}, files

    def _may_again(self, key: IdentityKey) -> bool:
        """Reading everything is much work: not at every message."""
        now = self._clock.now()
        self._last = {who: at for who, at in self._last.items() if now - at < PAUSE}
        if key in self._last:
            return False
        self._last[key] = now
        return True

    async def files(self, key: IdentityKey) -> Files | None:
        """Everything of somebody; None for a stranger."""
        data = await self._store.exports.of(key)
        if data is None:
            return None
        content = private_only(await self._store.content.read(data.agents, OWNER))
        write = partial(
            _written_out,
            data,
            content,
            built_in=self._means.tools,
            model=self._means.model,
            now=self._clock.now(),
        )
        return await anyio.to_thread.run_sync(write)

    async def _written(self, files: Mapping[str, bytes]) -> list[Path]:
        """Put them where only the service's own account reads them."""
        return await anyio.to_thread.run_sync(partial(_put, self._means.folder, files))


def _with_files(
    notices: Sequence[Sequence[OutboxDraft]], files: Iterable[TextFile]
) -> list[OutboxDraft]:
    """What is said of each file, and the file with its last chunk."""
    return [
        chunk
        for chunks, file in zip(notices, files, strict=True)
        for chunk in (*chunks[:-1], *(replace(last, file=file) for last in chunks[-1:]))
    ]


def _written_out(
    data: PersonData,
    content: Content,
    *,
    built_in: Mapping[str, ToolSchema],
    model: str,
    now: Micros,
) -> Files:
    tables = {
        name: [{column: _readable(column, value) for column, value in row.items()} for row in rows]
        for name, rows in data.tables.items()
    }
    told = {
        "about": "Everything that is kept of you here. Times are UTC.",
        "made_at": _iso(now),
        "user_id": data.user_id,
        "tables": tables,
    }
    agents = b"{}"
    if content.agents:
        agents = write_agent_file(content, built_in=built_in, model=model, now=now)
    return Files(agents, to_json(told, indent=1), now)


def _readable(column: str, value: Any) -> Any:
    moment = isinstance(value, int) and not isinstance(value, bool) and _MOMENT.fullmatch(column)
    return _iso(Micros(value)) if moment else value


def _iso(at: Micros) -> str:
    return as_datetime(at).isoformat()


def _put(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = []
    for name, content in files.items():
        path = folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
        paths.append(path.absolute())
    return paths

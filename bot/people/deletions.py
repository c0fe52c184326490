"""`/delete`: the service's side of erasing a person.

It is neither a command at the gate nor one in the queue. The gate lets in only who is admitted,
and makes an agent for them; the queue stands still when an agent is stuck or a model is down.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import structlog

from adapters.addresses import ChatAddress
from adapters.base import Receipt
from agentcore.clock import Clock, Micros
from agentcore.errors import StoreError
from agentcore.records import (
    Address,
    ErasureReceipt,
    ErasureReply,
    NoticeDraft,
    Scrubbed,
    Submission,
)
from agentcore.store import Store
from agentcore.store.gate import Composer
from bot.host.places import EXPORTS, TERMINAL_HISTORY
from bot.offers import Offers
from bot.texts import text_of
from bot.waking.hints import Hints

_log = structlog.get_logger(__name__)

COMMAND = "delete"
OWN_PLATFORMS = frozenset({"terminal", "web", "api"})
"""Where nobody else keeps what was written."""

_REPLIES: Mapping[str, str] = {
    "asked": "reply.delete_asked",
    "asked_here": "reply.delete_asked_here",
    "done_here": "reply.delete_done_here",
    "private_only": "reply.delete_private_only",
    "wrong_code": "reply.delete_wrong_code",
    "nothing": "reply.delete_nothing",
    "begun": "reply.delete_begun",
}


class Deletions:
    """Answers whoever asks to be erased, and finishes what was begun.

    Args:
        folder: where the terminal keeps what was typed on this machine, and what was exported.
    """

    def __init__(
        self,
        store: Store,
        composer: Composer,
        hints: Hints,
        clock: Clock,
        offers: Offers,
        folder: Path,
    ) -> None:
        self._store = store
        self._composer = composer
        self._hints = hints
        self._clock = clock
        self._offers = offers
        self._folder = folder

    async def answer(self, submission: Submission) -> Receipt:
        """Ask for the confirmation, or carry it out; the answer leaves no trace in the feed."""
        code = "".join(submission.text.split())
        reply = await self._store.erasures.ask(submission, code, _reply_draft, self._composer)
        if reply is None:  # a blocked person gets silence
            return Receipt("refused")
        draft = _reply_draft(submission.address, reply)
        if reply.erasure_id:
            self._hints.stop_asked.ring()
            self._hints.changed(submission.address)
            with anyio.CancelScope(shield=True):  # whoever asked may hang up; it goes on
                draft = await self._carried_out(submission.address, reply) or draft
        self._hints.outbox.note(submission.address, self._clock.now())
        return Receipt("answered", text=text_of(draft.key, draft.arguments, reply.language))

    async def _carried_out(self, address: Address, reply: ErasureReply) -> NoticeDraft | None:
        """The receipt; None if it isn't finished yet, and goes on by itself."""
        try:
            receipt = await self.finish(reply.erasure_id)
        except StoreError as error:
            _log.error("an erasure waits to be finished", error=str(error))
            return None
        return None if receipt is None else self.telling(address, receipt, reply.language)

    async def finish(self, erasure_id: str) -> ErasureReceipt | None:
        """Raises StoreError: it has to be tried again later."""
        receipt = await self._store.erasures.finish(erasure_id, self.telling, self._composer)
        if receipt is not None:
            _log.info(
                "a person was erased",
                rows=sum(receipt.deleted.values()),
                redacted=sum(receipt.redacted.values()),
                files_clean=receipt.files.clean,
            )
            if "terminal" in receipt.platforms:
                await anyio.Path(self._folder / TERMINAL_HISTORY).unlink(missing_ok=True)
                exported = partial(shutil.rmtree, self._folder / EXPORTS, ignore_errors=True)
                await anyio.to_thread.run_sync(exported)
        return receipt

    async def finish_all(self, *, before: Micros) -> None:
        """What was begun before then, by a process that died or while the disk was full."""
        for erasure_id in await self._store.erasures.unfinished(before=before):
            await self.finish(erasure_id)
            self._hints.outbox.look()

    def telling(
        self, address: Address, receipt: ErasureReceipt, language: str | None
    ) -> NoticeDraft:
        """The receipt in words."""
        arguments: dict[str, str | int] = {
            "rows": f"{sum(receipt.deleted.values()):,}",
            "redacted": f"{sum(receipt.redacted.values()):,}",
            "files": files_told(receipt.files, language),
            "beyond": "\n".join(f"• {each}" for each in self._beyond(address, receipt, language)),
        }
        return NoticeDraft(address, "reply.deleted", arguments)

    def _beyond(self, address: Address, receipt: ErasureReceipt, language: str | None) -> list[str]:
        """What nobody here can erase."""
        told = []
        if self._offers.providers:
            providers = ", ".join(sorted(set(self._offers.providers)))
            told.append(text_of("reply.deleted_models", {"providers": providers}, language))
        if {ChatAddress.parse(address).platform, *receipt.platforms} - OWN_PLATFORMS:
            told.append(text_of("reply.deleted_platform", {}, language))
        if receipt.deleted.get("webhook"):
            told.append(text_of("reply.deleted_webhooks", {}, language))
        told.append(text_of("reply.deleted_backups", {}, language))
        if receipt.files.copies:
            copies: dict[str, str | int] = {"copies": receipt.files.copies}
            told.append(text_of("reply.deleted_copies", copies, language))
        return told


def _reply_draft(address: Address, reply: ErasureReply) -> NoticeDraft:
    return NoticeDraft(address, _REPLIES[reply.outcome], {"code": reply.code} if reply.code else {})


def files_told(files: Scrubbed, language: str | None) -> str:
    """What is known of the database's own files, in words."""
    if files.needs_vacuum:
        return text_of("reply.deleted_vacuum", {}, language)
    told = [
        text_of("reply.deleted_clean" if files.clean else "reply.deleted_unclean", {}, language)
    ]
    if files.found:
        found: dict[str, str | int] = {"found": files.found, "looked_for": files.looked_for}
        told.append(text_of("reply.deleted_found", found, language))
    return " ".join(told)

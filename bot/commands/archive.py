"""`/memory archive`: the longer texts that the agent keeps beside its memory, to list and to read."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.records import NoticeArguments, NoticeDraft, Passage
from bot.commands.base import Gate, Reader
from bot.commands.wording import quoted

MOST_SHOWN = 20
NAMES = frozenset({"archive", "archiv"})


def archive(gate: Gate, words: str) -> Sequence[NoticeDraft]:
    """The newest texts; with words, those about them; with a number, that one in full."""
    kept = gate.scope.archive
    name = words.removeprefix("#").rstrip(".")
    if (passage := kept.passage(name)) is not None:
        return _whole(gate, passage)
    if name.isascii() and name.isdigit():
        return gate.answer("reply.archive_no_such")
    found = kept.about(words, limit=MOST_SHOWN) if words else kept.newest(limit=MOST_SHOWN)
    if not found:
        return gate.answer("reply.archive_no_such" if words else "reply.archive_empty")
    reader = gate.reader()
    left = 0 if words else kept.count() - len(found)
    more = f"\n… ({left})" if left > 0 else ""
    listed = "\n".join(_line(kept.name(each), each, reader) for each in found)
    return gate.answer("reply.archive", {"texts": f"{listed}{more}"})


def mention(gate: Gate, reader: Reader) -> tuple[str, NoticeArguments]:
    """How `/memory` points to the archive: as text and by an action; not if nothing is in it."""
    count = gate.scope.archive.count()
    if not count:
        return "", {}
    key = "reply.memory_archive_one" if count == 1 else "reply.memory_archive"
    return f"\n\n{reader.piece(key, {'count': count})}", {"archived": count}


def _line(name: str, passage: Passage, reader: Reader) -> str:
    return f"{name}. {reader.date(passage.created_at)}: {quoted(passage.text)}"


def _whole(gate: Gate, passage: Passage) -> Sequence[NoticeDraft]:
    tags = f" [{', '.join(passage.tags)}]" if passage.tags else ""
    arguments: dict[str, str | int] = {
        "date": f"{gate.reader().date(passage.created_at)}{tags}",
        "text": passage.text,
        "id": passage.passage_id,
    }
    return gate.answer("reply.archive_text", arguments)

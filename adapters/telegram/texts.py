"""Telegram's texts as words: what their marks mean is written out. Pure.

Marks count in UTF-16 units, may overlap, and come from outside: a mark that fits nowhere is left
out, and the words stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from telegram import MessageEntity, User

from adapters.push.quoting import one_line


class Marked:
    """A text with its marks."""

    def __init__(self, text: str, marks: Sequence[MessageEntity]) -> None:
        self.text = text
        self._units = text.encode("utf-16-le", "surrogatepass")
        whole = len(self._units) // 2
        self.marks = sorted(
            (
                mark
                for mark in marks
                if mark.length > 0 and mark.offset >= 0 and mark.offset + mark.length <= whole
            ),
            key=lambda mark: (mark.offset, -mark.length),
        )

    def words(self, mark: MessageEntity) -> str:
        """What a mark marks."""
        return self._slice(mark.offset, mark.offset + mark.length)

    def _slice(self, start: int, end: int | None = None) -> str:
        units = self._units[2 * start : None if end is None else 2 * end]
        return units.decode("utf-16-le", "replace")

    def without(self, mark: MessageEntity) -> Marked:
        """The same without what a mark marks."""
        end = mark.offset + mark.length
        rest = self._slice(0, mark.offset) + self._slice(end)
        return Marked(rest, [_moved(each, mark) for each in self.marks if _apart(each, mark)])

    def after(self, start: int) -> Marked:
        """The same from this unit on."""
        gone = MessageEntity(MessageEntity.BOLD, 0, start)
        return self.without(gone) if start else self

    def spelled_out(self) -> str:
        """The text with the addresses of its links, and with code as code."""
        return "".join(self._spelled())

    def _spelled(self) -> Iterator[str]:
        at = 0
        for mark in self.marks:
            if mark.offset < at or (shown := _shown(mark, self.words(mark))) is None:
                continue
            yield self._slice(at, mark.offset)
            yield shown
            at = mark.offset + mark.length
        yield self._slice(at) if at else self.text


def _shown(mark: MessageEntity, words: str) -> str | None:
    """How marked words are written; None as they are."""
    match mark.type:
        case MessageEntity.TEXT_LINK if mark.url and mark.url.rstrip("/") != words.rstrip("/"):
            return f"{words} ({mark.url})"
        case MessageEntity.CODE if "`" not in words:
            return f"`{words}`"
        case MessageEntity.PRE if "```" not in words:
            return f"```{one_line(mark.language or '')}\n{words}\n```"
        case _:
            return None


def _apart(mark: MessageEntity, gone: MessageEntity) -> bool:
    end = gone.offset + gone.length
    return mark.offset >= end or mark.offset + mark.length <= gone.offset


def _moved(mark: MessageEntity, gone: MessageEntity) -> MessageEntity:
    if mark.offset < gone.offset + gone.length:
        return mark
    return MessageEntity(
        mark.type, mark.offset - gone.length, mark.length, mark.url, mark.user, mark.language
    )


def name_of(user: User) -> str:
    return " ".join(filter(None, (user.first_name, user.last_name)))

"""How linking and parting read: `agentcore.store.links.Saying` over the catalogue. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from agentcore.memory.joining import PERSONA
from agentcore.memory.listing import memory_lines
from agentcore.records import (
    Address,
    LinkEffect,
    LinkOutcome,
    LinkReply,
    LinkSide,
    LinkView,
    NoticeArguments,
    NoticeDraft,
)
from agentcore.store.links import Said
from bot.commands.base import Reader, zone_named
from bot.commands.wording import MAX_CHANGED_LINES, platforms_named, quoted, title
from bot.wording.actions import choices

MOST_LINES = 20
"""Lines of each memory that are shown."""

_PLAIN: dict[LinkOutcome, str] = {
    "private_only": "reply.private_only",
    "incognito": "reply.link_incognito",
    "how": "reply.link_how",
    "wrong_code": "reply.link_wrong_code",
    "used_code": "reply.link_used_code",
    "expired_code": "reply.link_expired_code",
    "own_code": "reply.link_own_code",
    "too_many": "reply.link_too_many",
    "already": "reply.link_already",
    "gone": "reply.link_gone",
    "no_link": "reply.link_unknown",
}

_STAYS = {"stays": "reply.link_stays_here", "goes": "reply.link_stays_there"}


class LinkWording:
    """`zone` serves people who named none."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def answer(self, address: Address, reply: LinkReply) -> Said:
        """See `Saying.answer`."""
        reader = Reader(reply.language, zone_named(reply.zone, self._zone))

        def draft(key: str, arguments: NoticeArguments | None = None) -> NoticeDraft:
            return NoticeDraft(address, key, arguments or {})

        match reply.outcome:
            case "code":
                code = f"{reply.code[:4]}-{reply.code[4:]}"
                return Said([draft("reply.link_code", {"code": code})])
            case "preview" | "changed":
                shown = draft("reply.link_preview", _preview(reply, reader))
                if reply.outcome == "changed":
                    preview = {"preview": reader.piece(shown.key, shown.arguments)}
                    shown = draft("reply.link_changed", preview)
                return Said([shown], [draft("reply.link_confirm", {"number": reply.number})])
            case "links" | "final":
                return Said(kept=[draft(*_links(reply, reader))])
            case "joined" | "parted":
                return self._done(draft(*_done(reply, reader)), reply, reader)
            case _:
                return Said([draft(_PLAIN[reply.outcome])])

    def _done(self, told: NoticeDraft, reply: LinkReply, reader: Reader) -> Said:
        """What came of it; with lines that stay, which are words of theirs."""
        left = () if reply.effect is None else reply.effect.left
        if not left:
            return Said(kept=[told])
        lines = [f"• {quoted(line)}" for line in left[:MAX_CHANGED_LINES]]
        shown = "\n".join([*lines, *(["…"] if len(left) > len(lines) else [])])
        return Said([NoticeDraft(told.address, "reply.parted_left", {"lines": shown})], [told])

    def told(
        self, address: Address, effect: LinkEffect, language: str | None, zone: str | None
    ) -> NoticeDraft:
        """See `Saying.told`."""
        reader = Reader(language, zone_named(zone, self._zone))
        if effect.parted:
            names = {
                "went": platforms_named(effect.link.platforms, reader),
                "stayed": platforms_named(effect.stays, reader),
            }
            return NoticeDraft(address, "access.parted", names)
        return NoticeDraft(address, "access.linked", _linked(effect, reader))

    def shown(
        self, address: Address, platform: str, language: str | None, zone: str | None
    ) -> NoticeDraft:
        """See `Saying.shown`."""
        reader = Reader(language, zone_named(zone, self._zone))
        named = {"platform": platforms_named((platform,), reader)}
        return NoticeDraft(address, "access.link_shown", named)


def _done(reply: LinkReply, reader: Reader) -> tuple[str, NoticeArguments]:
    effect = reply.effect
    if effect is None:
        msg = f"nothing is known of what was {reply.outcome}"
        raise ValueError(msg)
    if effect.parted:
        return "reply.parted", {"went": platforms_named(effect.link.platforms, reader)}
    return "reply.linked", _linked(effect, reader)


def _linked(effect: LinkEffect, reader: Reader) -> NoticeArguments:
    both = dict.fromkeys((*effect.stays, *effect.link.platforms))
    return {
        "platforms": platforms_named(tuple(both), reader),
        "until": reader.date(effect.link.undo_until),
        "number": effect.link.number,
    }


def _links(reply: LinkReply, reader: Reader) -> tuple[str, NoticeArguments]:
    if reply.outcome == "final":
        until = max((link.undo_until for link in reply.links), default=None)
        return "reply.link_final", {"until": "" if until is None else reader.date(until)}
    if not reply.links:
        return "reply.links_none", {}
    lines = "\n".join(_line(link, reader) for link in reply.links)
    open_ones = [each for each in reply.links if each.open]
    if len(open_ones) == 1:
        return "reply.links", {"lines": lines, "number": open_ones[0].number}
    named = (f"{each.number} {platforms_named(each.platforms, reader)}" for each in open_ones)
    return "reply.links", {"lines": lines, "choices": choices(named)}


def _line(link: LinkView, reader: Reader) -> str:
    key = "reply.link_line" if link.open else "reply.link_line_final"
    arguments: dict[str, str | int] = {
        "number": link.number,
        "platforms": platforms_named(link.platforms, reader),
        "since": reader.date(link.linked_at),
        "until": reader.date(link.undo_until),
    }
    return reader.piece(key, arguments)


def _preview(reply: LinkReply, reader: Reader) -> NoticeArguments:
    joining = reply.joining
    if joining is None:
        msg = "there is nothing to show"
        raise ValueError(msg)
    here, there = joining.stays, joining.goes
    if reply.here == "goes":
        here, there = there, here
    other = platforms_named(there.platforms, reader)
    stays = reader.piece(_STAYS[reply.here], {"other": other})
    return {
        "here": platforms_named(here.platforms, reader),
        "other": other,
        "mine": _memory(here, reader),
        "theirs": _memory(there, reader),
        "stays": stays,
    }


def _memory(side: LinkSide, reader: Reader) -> str:
    """What an agent keeps in mind; of its own character only what it has become."""
    if side.agent_id is None:
        return reader.piece("reply.link_no_agent")
    blocks = [block for block in side.blocks if block.label != PERSONA or side.changed_persona]
    lines = memory_lines(blocks)
    if not lines:
        return reader.piece("reply.link_memory_empty")
    shown = []
    for block in blocks:
        mine = [line for line in lines[:MOST_LINES] if line.block.block_id == block.block_id]
        if mine:
            listed = "\n".join(f"• {quoted(line.text)}" for line in mine)
            arguments = {"title": title(block.label, reader), "lines": listed}
            shown.append(reader.piece("reply.link_memory", arguments))
    if len(lines) > MOST_LINES:
        more = {"more": len(lines) - MOST_LINES}
        shown.append(reader.piece("reply.link_memory_more", more))
    return "\n".join(shown)

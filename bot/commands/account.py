"""`/timezone`, `/usage` and `/privacy`: what the service knows of a person, and what they use."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.clock import DAY, Micros, as_datetime
from agentcore.memory.listing import memory_lines
from agentcore.records import AuditEntry, NoticeDraft, UsageView
from bot.commands.base import AtGate, Command, Gate, Reader, zone_named
from bot.commands.choices import model_of
from bot.commands.zones import zones_like
from bot.wording.actions import choices
from config.settings import OFFLINE

MAX_LOOKS = 10


def _timezone(gate: Gate) -> Sequence[NoticeDraft]:
    """At the gate: it is true at once, of what waits in the queue as well."""
    if not gate.asked.argument:
        if gate.scope.audience != "private":
            return gate.answer("reply.private_only")
        return gate.answer("reply.timezone", _clock(gate, gate.reader().zone.key))
    zones = zones_like(gate.asked.argument)
    if not zones:
        return gate.answer("reply.timezone_unknown", {"name": gate.asked.argument})
    if len(zones) > 1:
        return gate.answer("reply.timezone_several", {"choices": choices(zones)})
    gate.scope.set_time_zone(zones[0])
    return gate.answer("reply.timezone_set", _clock(gate, zones[0]))


def _clock(gate: Gate, zone: str) -> dict[str, str | int]:
    local = as_datetime(gate.scope.now, zone_named(zone, gate.offers.zone))
    return {"zone": zone, "time": local.strftime("%Y-%m-%d %H:%M")}


def _usage(gate: Gate) -> Sequence[NoticeDraft]:
    """Since midnight and since the first of the month, UTC, as the caps count."""
    if gate.scope.audience != "private":
        return gate.answer("reply.private_only")
    now, reader = gate.scope.now, gate.reader()
    today = Micros(now - now % DAY)
    month = Micros(today - (as_datetime(now).day - 1) * DAY)
    limits = [reader.piece("reply.usage_messages_cap", {"most": gate.offers.daily_messages})]
    if gate.offers.daily_budget is not None:
        most = f"${gate.offers.daily_budget:,.2f}"
        limits.append(reader.piece("reply.usage_budget_cap", {"most": most}))
    arguments = {
        "today": _figures(gate.scope.usage(since=today), reader),
        "month": _figures(gate.scope.usage(since=month), reader),
        "limits": "\n".join(limits),
    }
    return gate.answer("reply.usage", arguments)


def _figures(usage: UsageView, reader: Reader) -> str:
    cost = reader.piece("reply.usage_cost", {"cost": money(usage.cost)})
    if usage.unpriced:
        calls: dict[str, str | int] = {"cost": money(usage.cost), "calls": usage.unpriced}
        cost = reader.piece("reply.usage_cost_unknown", calls)
    figures = {"messages": f"{usage.messages:,}", "tokens": f"{usage.tokens:,}", "cost": cost}
    return reader.piece("reply.usage_figures", figures)


def money(micros: int) -> str:
    """Millionths of a US dollar for people: cents, and what is less than one in full."""
    dollars = micros / 1_000_000
    return f"${dollars:,.2f}" if micros == 0 or micros >= 10_000 else f"${dollars:.6f}".rstrip("0")


def _privacy(gate: Gate) -> Sequence[NoticeDraft]:
    if gate.scope.among_others():
        return gate.answer("reply.private_only")
    reader, agent = gate.reader(), gate.scope.agent()
    arguments: dict[str, str | int] = {
        "messages": f"{gate.scope.stored_messages():,}",
        "lines": len(memory_lines(gate.scope.blocks())),
        "since": reader.date(agent.created_at),
        "models": _where_it_goes(agent.model, gate, reader),
        "looks": _who_looked(gate.scope.looks(limit=200), reader),
    }
    return gate.answer("reply.privacy", arguments)


def _where_it_goes(own: str | None, gate: Gate, reader: Reader) -> str:
    offers = gate.offers
    asked = [model_of(own, offers), *offers.fallbacks]
    if offers.sleep_model is not None and own not in offers.models:
        asked.append(offers.sleep_model)
    away = [each for each in dict.fromkeys(asked) if each != OFFLINE]
    if away:
        answering = reader.piece("reply.privacy_models", {"models": ", ".join(away)})
    elif offers.search is None:
        answering = reader.piece("reply.privacy_offline")
    else:
        answering = reader.piece("reply.privacy_offline_search")
    if offers.search is None:
        return answering
    return f"{answering} {reader.piece('reply.privacy_search', {'search': offers.search})}"


_LOOKS = {"operator": "reply.look_operator", "api": "reply.look_api"}
_SEEN = {
    "read block": "reply.saw_memory",
    "read blocks": "reply.saw_memory",
    "list blocks": "reply.saw_memory",
    "list agents": "reply.saw_memory",
    "edit block": "reply.changed_memory",
    "change agent": "reply.changed_settings",
    "read revisions": "reply.saw_memory",
    "read held edits": "reply.saw_memory",
    "read archive": "reply.saw_memory",
    "search archive": "reply.saw_memory",
    "export": "reply.took_everything",
    "read agent": "reply.saw_settings",
    "read turns": "reply.saw_settings",
    "ask agent": "reply.heard_answers",
}
"""What was looked at; all else shows what was said."""


def _who_looked(entries: Sequence[AuditEntry], reader: Reader) -> str:
    """Each day's looks by the same people at the same things as one line, newest first."""
    lines = list(dict.fromkeys(_look(entry, reader) for entry in entries))
    if not lines:
        return reader.piece("reply.privacy_nobody")
    return "\n".join(lines[:MAX_LOOKS])


_ANSWERING = {
    "link": "reply.was_linked",
    "unlink": "reply.was_parted",
    "attach identity": "reply.was_bound",
    "detach identity": "reply.was_unbound",
}
"""What was changed about whom the agent answers."""


def _look(entry: AuditEntry, reader: Reader) -> str:
    if entry.action in _ANSWERING:
        who = _LOOKS.get(entry.kind, "reply.look_operator")
        by = "" if entry.kind == "owner" else f" ({reader.piece(who)})"
        return f"• {reader.date(entry.at)}: {reader.piece(_ANSWERING[entry.action])}{by}"
    what = reader.piece(_SEEN.get(entry.action, "reply.saw_messages"))
    who = reader.piece(_LOOKS.get(entry.kind, "reply.look_operator"))
    named = f"{who} ({entry.name})" if entry.name else who
    return f"• {reader.date(entry.at)}: {named}: {what}"


COMMANDS: tuple[Command, ...] = (
    AtGate("timezone", _timezone),
    AtGate("usage", _usage),
    AtGate("privacy", _privacy),
)

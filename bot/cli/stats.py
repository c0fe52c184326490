"""`familiar stats`: what the service holds, does and spends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cli import running
from bot.cli.asking import ask_service
from bot.cli.options import Json
from bot.cli.trying import ways_to_models


def stats(*, as_json: Json = False) -> None:
    """Show how many people it serves, what waits, what went wrong, and what it costs."""
    found = ask_service("stats", {})
    if as_json:
        running.print_json(found)
        return
    counts = found["counts"]
    for text, key in _LINES.items():
        running.say(f"{text:<24}{counts[key]:>12,}")
    if counts["pending"]:
        running.say(f"{'oldest waits':<24}{_span(counts['oldest_pending_seconds']):>12}")
    running.say(f"{'database':<24}{found['database_bytes'] / 1e6:>9,.1f} MB")
    ways = ways_to_models(running.settings())
    for name, title in (("today", "Today (UTC)"), ("week", "Seven days")):
        _show_span(title, found[name], ways)


_LINES = {
    "users": "users",
    "agents": "agents",
    "messages": "messages",
    "waiting for an answer": "pending",
    "parked": "parked",
    "waiting to be sent": "to_send",
    "could not be sent": "failed_to_send",
    "sent again": "resent",
    "chats out of reach": "unreachable",
}


def _show_span(title: str, span: Mapping[str, Any], ways: Mapping[str, str]) -> None:
    running.say(f"\n{title}")
    if not span["turns"] and not span["models"]:
        running.say("  nothing")
        return
    turns = ", ".join(f"{reason} {count:,}" for reason, count in span["turns"].items())
    running.say(f"  turns: {turns or 'none'}")
    for use in span["models"]:
        name = use["model"]
        unknown = f", price unknown for {use['unpriced_steps']:,} of them"
        running.say(
            f"  {name}{f' ({ways[name]})' if name in ways else ''}: calls {use['steps']:,}, tokens {use['prompt_tokens']:,} in and "
            f"{use['completion_tokens']:,} out, ${use['cost_usd']:,.4f}"
            + (unknown if use["unpriced_steps"] else "")
        )


def _span(seconds: int) -> str:
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {name}"
    return f"{seconds} s"

"""Markdown as Discord shows it. Pure."""

from __future__ import annotations

from adapters.discord.markup import target
from adapters.discord.stretches import balanced
from adapters.rendering import blocks
from adapters.rendering.spans import WEB, Look, Rendered
from adapters.splitting import has_visible

LONGEST_ADDRESS = 450
"""Beyond, an address stands as text: the pieces of a text must not be filled by what nobody sees."""


def can_link(label: str, address: str) -> bool:
    """Whether Discord shows the label alone: of one that looks like an address itself, it doesn't."""
    return (
        WEB.fullmatch(address) is not None
        and len(target(address)) + 2 * address.count("_") <= LONGEST_ADDRESS
        and "://" not in label
        and has_visible(label)
        and balanced(label)
        and not ("[" in label and "\n" in label)
    )


def rendered(markdown: str) -> Rendered:
    """The Markdown's text and spans. See `blocks.rendered`."""
    return blocks.rendered(markdown, Look(can_link, headings=3))

"""Markdown as Telegram shows it: a text, and spans over it.

No markup is ever sent that Telegram would parse: so nothing is escaped, and nothing that a model
writes can break a message.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from adapters.rendering import blocks
from adapters.rendering.spans import BLANKS, WEB, Look, Rendered, Span
from adapters.telegram.spans import FOLDED

LONG_QUOTE = 400
"""Characters of a quote from which on it is shown folded."""
MANY_LINES = 6
_APP = re.compile(r"(?i)tg://(?!user\b)\S+")
"""Links into Telegram itself, but for those that would ping a person."""
_RING = re.compile(".\u030a")
_DROPPED = re.compile("[\u202a-\u202e\u0333\u033f\u030a]")


def can_link(address: str) -> bool:
    """Whether a text may lead there. An address of e-mail is found by Telegram by itself."""
    return bool(WEB.fullmatch(address) or _APP.fullmatch(address))


_LOOK = Look(lambda _label, address: can_link(address))


def rendered(markdown: str) -> Rendered:
    """The Markdown's text and spans. See `blocks.rendered`."""
    source = _RING.sub(lambda found: unicodedata.normalize("NFC", found[0]), markdown)
    page = blocks.rendered(_DROPPED.sub("", source), _LOOK)
    spans = (_as_shown(page.text, span) for span in page.spans if span.kind != "item")
    return with_kept_indentation(Rendered(page.text, tuple(spans)))


def _as_shown(text: str, span: Span) -> Span:
    said = text[span.begin : span.end]
    if span.kind == "blockquote" and (len(said) > LONG_QUOTE or said.count("\n") >= MANY_LINES):
        return replace(span, detail=FOLDED)
    return span


def with_kept_indentation(page: Rendered) -> Rendered:
    """Telegram takes blanks off the beginning of code: no-break spaces stay."""
    text = page.text
    for each in page.spans:
        if each.kind == "pre" and text[each.begin] in BLANKS:
            bare = text[each.begin : each.end].lstrip(BLANKS)
            kept = "\u00a0" * (each.end - len(bare) - each.begin)
            text = text[: each.begin] + kept + text[each.end - len(bare) :]
    return Rendered(text, page.spans)

"""Short texts, cut to what a platform takes. Pure."""

from __future__ import annotations


def cut_off(text: str, longest: int) -> str:
    """The text, with a sign at its end where some of it is left out."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def label(text: str, longest: int) -> str:
    """On one line, and never nothing: no platform takes that."""
    return cut_off(" ".join(text.split()) or "…", longest)

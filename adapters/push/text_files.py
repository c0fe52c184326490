"""Text files that people send: which are some, what they say, and how much of it a conversation can
bear. Pure: each platform fetches its own.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from adapters.base import InboundPart
from adapters.push.quoting import quoted

MOST_CHARACTERS = 30_000
"""Of all the files that come with one message."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TEXT_TYPES = frozenset(
    {
        "application/json",
        "application/x-ndjson",
        "application/xml",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/javascript",
        "application/sql",
        "application/x-sh",
        "application/x-python",
        "application/x-subrip",
    }
)
_TEXT_ENDINGS = (
    *(".txt", ".md", ".markdown", ".rst", ".tex", ".log", ".csv", ".tsv", ".diff", ".patch"),
    *(".json", ".jsonl", ".xml", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf"),
    *(".srt", ".vtt", ".ics", ".vcf", ".html", ".css", ".sql", ".sh", ".py", ".js", ".ts"),
    *(".tsx", ".jsx", ".java", ".c", ".h", ".cpp", ".hpp", ".cs", ".go", ".rs", ".rb", ".php"),
    *(".kt", ".swift", ".lua", ".r", ".pl"),
)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that is to be read. `source` is what its platform finds it by."""

    source: str
    name: str


class NoText(Exception):
    """A file that can't be had, or holds no text."""


def is_text(kind: str, name: str) -> bool:
    """Whether a file of this media type (empty: not told) and name promises to hold text."""
    kind, _, _ = kind.lower().partition(";")
    if kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+json", "+xml")):
        return not kind.startswith("text/rtf")
    return kind in {"", "application/octet-stream"} and name.lower().endswith(_TEXT_ENDINGS)


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or what its byte order mark says.

    Raises:
        NoText: it is neither.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise NoText("not in UTF-8") from error
    if "\x00" in text:
        raise NoText("not a text")
    return text


def told(name: str, text: str, files: int) -> InboundPart:
    """A file that was read, one of so many."""
    most = MOST_CHARACTERS // files
    head = f"[File {quoted(name)}]"
    if len(text) > most:
        text = f"{text[:most]}\n[Cut here: the file has {len(text)} characters.]"
    return InboundPart(f"{head}\n{text}", "document")


def unread(name: str) -> InboundPart:
    """One of which only the name is told."""
    return InboundPart(f"[File {quoted(name)}, not read]", "document")

"""Changing `.env`: some lines of it, and nothing else.

What isn't asked for stays as it is, byte for byte: other programs' lines, comments, their order.
A file of keys is for its owner alone, and is never there half.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import parse_stream

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=~")


def with_values(text: str, values: Mapping[str, str | None]) -> str:
    """The text of a `.env` file with these values; None takes a name out of use, as a comment.

    A name that has a line keeps its place; one whose line is commented out, as in `.env.example`,
    is put below it; others go to the end.
    """
    open_names = dict(values)
    pieces: list[str] = []
    for binding in parse_stream(io.StringIO(text)):
        written = binding.original.string
        name = binding.key
        if binding.error or name is None or name not in values:
            pieces.append(written)
            continue
        # White space before a line belongs, in the parser's eyes, to that line.
        body = written.lstrip()
        before, newline = written[: len(written) - len(body)], "\n" if body.endswith("\n") else ""
        value = values[name]
        if value is None:
            pieces.append(f"{before}#{body}")
        elif name in open_names:
            pieces.append(f"{before}{line_of(name, value)}{newline}")
        else:  # a second line of the same name
            pieces.append(f"{before}#{body}")
        open_names.pop(name, None)
    lines = "".join(pieces).splitlines(keepends=True)
    for name, value in open_names.items():
        if value is not None:
            _insert(lines, name, line_of(name, value))
    return "".join(lines)


def line_of(name: str, value: str) -> str:
    """A line as `.env` has it, quoted where it must be."""
    if set(value) <= _SAFE:
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"


def _insert(lines: list[str], name: str, line: str) -> None:
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    commented = (
        at for at, each in enumerate(lines) if each.startswith((f"#{name}=", f"# {name}="))
    )
    at = next(commented, None)
    lines.insert(len(lines) if at is None else at + 1, f"{line}\n")


def write_private(path: Path, text: str) -> None:
    """Put a file in place at once, readable and writable by its owner alone.

    Raises:
        OSError: it can't be written; what was there is untouched.
    """
    path = path.resolve()  # a link stays one
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    fd = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

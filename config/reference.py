"""The settings as text, from the same source as the settings themselves.

`make docs` (`python -m config.reference`) rewrites `.env.example` and the table of the README; a test fails
while either differs from what this module says.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from config.settings import FIELDS, Settings

PLANNED = frozenset({"retention_days"})
"""Fields that are read and checked, while what they steer is still to come."""

_PLANNED = "Not in use yet."
_START = "<!-- settings: written by `make docs` -->"
_END = "<!-- end of settings -->"


def settings_table() -> str:
    """Every setting as one markdown table: name, default, meaning."""
    rows = ["| Setting | Default | Meaning |", "| --- | --- | --- |"]
    for name, field in FIELDS.items():
        default = f"`{text}`" if (text := _default(field)) else ""
        rows.append(f"| `{name}` | {default} | {_meaning(field)} |".replace("|  |", "| |"))
    return "\n".join(rows)


def env_example() -> str:
    """The text of `.env.example`: every setting, commented out, with its default."""
    lines = [
        "# Settings of Familiar. Copy this file to .env and take the # off the lines you change.",
        "# What is set in the environment wins over this file.",
        "",
        "# Keys of model providers; any name that ends in _API_KEY is passed on.",
        "#OPENAI_API_KEY=",
        "#ANTHROPIC_API_KEY=",
        "#GEMINI_API_KEY=",
        "#OPENROUTER_API_KEY=",
    ]
    for name, field in FIELDS.items():
        meaning = _meaning(field).replace("`", "").replace(f"*{_PLANNED}*", _PLANNED)
        lines += ["", *textwrap.wrap(meaning, 96, initial_indent="# ", subsequent_indent="# ")]
        lines.append(f"#{name}={_default(field)}")
    return "\n".join(lines) + "\n"


def with_settings_table(readme: str) -> str:
    """The README's text with a fresh table between its two markers.

    Raises:
        ValueError: a marker is missing.
    """
    before, start, rest = readme.partition(_START)
    _, end, after = rest.partition(_END)
    if not start or not end:
        raise ValueError(f"README.md needs the two markers {_START!r} and {_END!r}")
    return f"{before}{start}\n{settings_table()}\n{end}{after}"


def _default(field: str) -> str:
    default = Settings.model_fields[field].default
    if isinstance(default, bool):
        return str(int(default))
    return "" if default in {None, ()} else str(default)


def _meaning(field: str) -> str:
    text = Settings.model_fields[field].description or ""
    return f"*{_PLANNED}* {text}" if field in PLANNED else text


def _rewrite(root: Path) -> None:
    readme = root / "README.md"
    readme.write_text(with_settings_table(readme.read_text("utf-8")), "utf-8")
    (root / ".env.example").write_text(env_example(), "utf-8")


if __name__ == "__main__":
    _rewrite(Path(__file__).parent.parent)

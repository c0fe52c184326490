"""Where settings come from: the environment and `.env`, which names are ours, which are misspelt.

Pure over its arguments: it is handed the environment and reads the one file it is told of. Knows
names and places; what a value may be is the business of `config.settings`.
"""

from __future__ import annotations

import difflib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream

PREFIX = "FAMILIAR_"
_ENVIRONMENT = "the environment"


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written, and where: `.env` or the environment."""

    name: str
    value: str
    place: str


@dataclass(frozen=True, slots=True)
class Sources:
    """All that was written in both places; of a name in both, the environment's value."""

    given: Mapping[str, Given]
    problems: tuple[str, ...]


def read_sources(
    environ: Mapping[str, str], dotenv: Path | None, known: Collection[str]
) -> Sources:
    """Both places as one, with a sentence for each name that is a misspelling of one in `known`.

    Empty values are left out: in compose files and hosting panels they mean "not set". A `dotenv`
    that doesn't exist is no problem; one that can't be read or understood is.
    """
    problems: list[str] = []
    given: dict[str, Given] = {}
    if dotenv is not None:
        for name, value in _read_dotenv(dotenv, problems):
            given[name] = Given(name, value, str(dotenv))
    given |= {name: Given(name, value, _ENVIRONMENT) for name, value in environ.items()}
    present = {
        name: Given(name, stripped, item.place)
        for name, item in given.items()
        if (stripped := item.value.strip())
    }
    misspelt = (_misspelt(item, known) for item in present.values())
    problems.extend(problem for problem in misspelt if problem)
    return Sources(present, tuple(problems))


def _misspelt(item: Given, known: Collection[str]) -> str | None:
    """The sentence to show for a name that isn't ours but was surely meant to be."""
    if item.name in known:
        return None
    upper = item.name.upper()
    if upper.startswith(PREFIX):
        # Compared without the prefix, which would make any two names look alike.
        tails = {name.removeprefix(PREFIX): name for name in known}
        tail = _nearest(upper.removeprefix(PREFIX), tails)
        guess = tails[tail] if tail else None
    else:
        # The environment is full of other programs' names: there, only a botched prefix counts.
        # `.env` is ours alone, so a slip in TELEGRAM_… or DISCORD_… is found as well.
        in_environment = item.place == _ENVIRONMENT
        ours = [name for name in known if name.startswith(PREFIX) or not in_environment]
        guess = _nearest(upper, ours, likeness=0.9)
        if guess is None:
            return None
    hint = f"did you mean {guess}?" if guess else "the README lists every setting."
    return f"{item.name} in {item.place} is not a setting of Familiar: {hint}"


def _nearest(name: str, known: Collection[str], *, likeness: float = 0.6) -> str | None:
    """The entry of `known` most like `name`, if any is at least `likeness` (0 to 1) like it."""
    matches = difflib.get_close_matches(name, known, n=1, cutoff=likeness)
    return matches[0] if matches else None


def _read_dotenv(path: Path, problems: list[str]) -> list[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows editors put a mark in front
    except FileNotFoundError:
        return []
    except OSError as error:
        problems.append(f"{path} can't be read: {error.strerror}.")
        return []
    except UnicodeDecodeError:
        problems.append(f"{path} is not UTF-8 text: save it again in that encoding.")
        return []
    values: list[tuple[str, str]] = []
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            # The line is not quoted: it may well hold a key.
            line = binding.original.line
            problems.append(f"Line {line} of {path} can't be understood: write NAME=value.")
        elif binding.key is not None and binding.value is not None:
            values.append((binding.key, binding.value))
    return values

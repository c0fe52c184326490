"""What people say in a soak, so that each line, and whatever is of one of them, is known again.

Everybody has a name that is nobody else's and no word of anything else (`telegram07`), a secret
word that has it within, and in each line a marker of its own (`#telegram07-012`). Whatever text
holds the name of another has something of another's.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Sequence

MARKER = re.compile(r"#[\w-]+")
NAME = re.compile(r"(?:telegram|discord|web|rest|push)(?:room)?\d{2}(?!\d)")
SECRET = re.compile(rf"sesame-{NAME.pattern}-[0-9a-f]{{8}}")

TOPICS = ("garden", "violin", "harbour", "marathon", "kitchen", "telescope")
"""What people talk of now and then, and then have forgotten."""
TOPIC_EVERY, COMMAND_EVERY = 9, 6
"""One line in so many is of a topic; after so many follows a command."""


def name_of(platform: str, number: int, *, room: bool = False) -> str:
    return f"{platform}{'room' if room else ''}{number:02}"


def secret_of(name: str) -> str:
    return f"sesame-{name}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def answered_in(text: str) -> list[str]:
    """The markers that an answer quotes; none, if it isn't one."""
    return MARKER.findall(text) if "Heard #" in text else []


def is_half(text: str) -> bool:
    """Whether it is an answer in the making: the only full stop of one is its end."""
    return text == "…" or (bool(answered_in(text)) and not text.endswith("."))


def named_in(text: str) -> set[str]:
    """Whose names stand in a text."""
    return set(NAME.findall(text))


def script_of(name: str, lines: int, seed: int, commands: Sequence[str] = ()) -> Iterator[str]:
    """What somebody says, the secret first; among it commands, of which none has a marker."""
    chance = random.Random(f"{seed} {name}")  # noqa: S311 (who says what)
    yield f"Hello, my secret word is {secret_of(name)} #{name}-000"
    topic = None
    for number in range(1, lines):
        marker = f"#{name}-{number:03}"
        if number % TOPIC_EVERY == chance.randrange(TOPIC_EVERY):
            topic = chance.choice(TOPICS)
            yield f"Let me tell you of my {topic} {marker}"
        else:
            yield f"Line {number} of mine {marker}"
        if commands and chance.randrange(COMMAND_EVERY) == 0:
            command = chance.choice(commands)
            if command != "/forget":
                yield command
            elif topic is not None:
                yield from (f"/forget {topic}", "/forget yes")
                topic = None

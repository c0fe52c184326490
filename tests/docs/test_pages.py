"""What the pages on platforms show is what happens, and what an operator may read is on them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.docs.discord_transcripts import DISCORD
from tests.docs.people_transcripts import PEOPLE
from tests.docs.telegram_transcripts import TELEGRAM
from tests.docs.transcripts import DOCS, Play

PLAYS = (TELEGRAM, DISCORD, PEOPLE)
FILES = {"NoText", "NotNow"}
"""What is said of a file alone, in the log."""


@pytest.mark.parametrize(
    ("play", "name"),
    [
        pytest.param(play, name, id=f"{play.page}: {name}")
        for play in PLAYS
        for name in play.scripts
    ],
)
async def test_a_pages_transcripts_are_what_people_see(play: Play, name: str) -> None:
    assert await play.played(name) == play.written()[name]


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.page)
def test_a_page_shows_nothing_that_is_not_played(play: Play) -> None:
    assert set(play.written()) == set(play.scripts)


def sentences_of(platform: str) -> Iterator[str]:
    """The beginnings of all texts in an adapter that tell of its platform, up to what differs; but
    for those of what becomes of a single file or message.
    """
    files = (DOCS.parent / "adapters" / platform).rglob("*.py")
    for file in (each for each in files if each.name != "failures.py"):
        tree = ast.parse(file.read_text("utf-8"))
        other = {each.value for each in ast.walk(tree) if isinstance(each, ast.Expr)}
        calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
        other |= {arg for each in calls if ast.unparse(each.func) in FILES for arg in each.args}
        for each in ast.walk(tree):
            text = each.value if isinstance(each, ast.Constant) and each not in other else ""
            if isinstance(text, str) and text.startswith((f"{platform.title()} ", "The bot ")):
                yield text.partition(":")[0].strip()


@pytest.mark.parametrize("platform", ["telegram", "discord"])
def test_what_is_told_of_a_platform_is_explained_on_its_page(platform: str) -> None:
    page = " ".join((DOCS / f"{platform}.md").read_text("utf-8").split())
    told = set(sentences_of(platform))

    assert f"{platform.title()} can't be reached" in told
    assert not {each for each in told if each not in page}

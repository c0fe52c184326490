"""The offline model's sleep-time: by rules, and it says so."""

from __future__ import annotations

import pytest

from agentcore.memory.tidying import (
    TASK,
    Change,
    DatedLine,
    Heard,
    Notebook,
    ShownBlock,
    parse_changes,
    render_notebook,
)
from agentcore.model import ModelRequest, SystemPrompt, UserPrompt
from agentcore.offline_model import OfflineModel

OLD, NEW, TODAY = "2026-11-18", "2026-11-20", "2026-11-21"


async def tidied(lines: list[tuple[str, str]], *said: str, who: str = "the person") -> list[Change]:
    block = ShownBlock("human", "", 10, 20_000, tuple(DatedLine(*line) for line in lines))
    heard = (Heard(7, f"{NEW}T10:00", who, text) for text in said)
    book = Notebook(TODAY, (block,), tuple(heard))
    prompt = (SystemPrompt(TASK), UserPrompt(render_notebook(book)))
    answer = await OfflineModel().complete(ModelRequest(prompt))
    changes = parse_changes(answer.text)
    assert all("by rule" in change.reason for change in changes)
    return [Change(each.block, each.take_out, each.put_in, each.message, "") for each in changes]


def change(out: str | None, into: str | None, message: int | None = None) -> Change:
    return Change("human", (out,) if out else (), (into,) if into else (), message, "")


@pytest.mark.parametrize(
    ("lines", "changes"),
    [
        ([(OLD, "Likes tea."), (NEW, "likes the tea")], [change("likes the tea", None)]),
        ([(OLD, "Likes tea."), (NEW, "Likes coffee.")], []),
        ([(OLD, "Has 2 cats."), (NEW, "Has 3 cats.")], []),
        ([(OLD, "Lives in Rome."), (NEW, "Lives in Oslo.")], [change("Lives in Rome.", None)]),
        ([(NEW, "Lives in Rome."), (OLD, "Lives in Oslo.")], [change("Lives in Oslo.", None)]),
        ([(OLD, "Sister: Mia"), (NEW, "Sister: Ana")], []),
        ([(OLD, "Ada: Name: Ada"), (NEW, "Bob: Name: Bob")], []),
        ([(OLD, "In Rome until 2026-11-20.")], [change("In Rome until 2026-11-20.", None)]),
        ([(OLD, "In Rome until 2026-11-21.")], []),
    ],
)
async def test_lines_that_say_the_same_contradict_each_other_or_are_over_go(
    lines: list[tuple[str, str]], changes: list[Change]
) -> None:
    assert await tidied(lines) == changes


async def test_what_was_said_later_takes_the_place_of_an_older_line() -> None:
    lines = [(OLD, "Lives in Rome."), (NEW, "Likes tea.")]
    assert await tidied(lines, "I moved to Oslo. I hate tea.", "I speak Norwegian.") == [
        change("Lives in Rome.", "Lives in Oslo.", 7),
        change(None, "Speaks Norwegian.", 7),
    ]


async def test_what_goes_in_a_run_does_not_come_back_with_the_message_that_it_came_from() -> None:
    permit = "Asked to remember: the permit runs until 2026-11-20"
    said = "Remember that the permit runs until 2026-11-20. I live in Rome."
    lines = [(OLD, permit), (OLD, "Lives in Rome."), (NEW, "Lives in Oslo.")]
    assert await tidied(lines, said) == [change("Lives in Rome.", None), change(permit, None)]
    assert await tidied([], "Remember that the permit runs until 2026-11-20.") == []


async def test_nothing_is_made_of_questions_secrets_and_what_the_assistant_says() -> None:
    assert await tidied([], "Do I live in Rome?", "My PIN is 1234.") == []
    assert await tidied([], "I live in Rome.", who="the assistant") == []


async def test_in_a_group_a_fact_has_its_person_s_name() -> None:
    assert await tidied([(OLD, "Bob: Lives in Rome.")], "I live in Oslo.", who='"Ada"') == [
        change(None, "Ada: Lives in Oslo.", 7)
    ]

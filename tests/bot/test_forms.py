"""A line of the memory, changed by its person: in a form, or as `/memory edit`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from adapters.base import Receipt
from adapters.delivery import Button, Form
from agentcore.clock import MINUTE
from agentcore.records import EditActor, Origin
from agentcore.testing import FakeClock, ScriptedModel
from bot.commands.editing import LONGEST, MOST_FORMS
from bot.texts import LANGUAGES
from tests.bot.commands.talk import insert, said, told
from tests.bot.commands.test_undo import noting, rethink
from tests.house import calls, house, working
from tests.pushed import GROUP, Town, town

OLD = "1. Likes tea."
NOT_YOURS = LANGUAGES["en"]["refused.press_not_yours"]
CHANGED = "That line is no longer what it was when I showed it to you"


async def listed(there: Town, who: str = "ada", *, at: str | None = None) -> dict[str, Button]:
    """The forms below `/memory`, by their names."""
    chat = at or who
    before = len(there.seen(chat))
    await there.write(who, "/memory", at=at)
    await there.until(chat, before + 1)
    buttons = there.adapter.sent[-1].buttons
    return {each.label: each for each in buttons if each.kind == "form"}


async def form(there: Town, who: str, button: Button, **changes: Any) -> Form | Receipt:
    asked = there.inbound(who, pressed=button.token, **changes)
    return await there.adapter.context.forms.form(asked)


async def fill(there: Town, who: str, button: Button, text: str, **changes: Any) -> str:
    """What is answered to the filled-in form."""
    chat = str(changes.get("at", who))
    before = len(there.seen(chat))
    receipt = await there.write(who, pressed=button.token, filled=text, **changes)
    if receipt.outcome == "refused":
        return receipt.text
    return (await there.until(chat, before + 1))[-1]


async def test_a_form_shows_the_line_and_what_is_filled_in_stands_there(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea.", "Has a cat."), "I see.")
    async with town(tmp_path, model) as there:
        for text in ("I like tea", "I have a cat"):
            await there.write("ada", text)
            await there.until("ada", 2 if text == "I like tea" else 4)
        forms = await listed(there)
        shown = await form(there, "ada", forms[OLD])
        answer = await fill(there, "ada", forms[OLD], "Likes green tea.\n\nAnd coffee. ")
        await there.write("ada", "And now?")
        await there.until("ada", 7)
        human = await there.home.block("ada")
        (newest, *_) = await (await there.home.door("ada")).revisions(label="human")
        why = await told_of(there, "/why green")
    assert list(forms)[:2] == [OLD, "2. Has a cat."]
    assert shown == Form("Change this line", "New text; empty takes the line out", "Likes tea.")
    assert answer == "Now it reads:\n• Likes green tea.\n• And coffee."
    assert human == "Likes green tea.\nAnd coffee.\nHas a cat."
    assert (newest.actor, newest.origin) == (EditActor.USER, Origin.OWNER)
    assert "You put it there yourself" in why
    (note,) = [p.text for p in model.requests[-1].prompt if p.text.startswith("[note]")]
    assert "changed this line of your memory themselves" in note
    assert "1→ Likes green tea." in note


async def told_of(there: Town, command: str) -> str:
    before = len(there.seen("ada"))
    await there.write("ada", command)
    return (await there.until("ada", before + 1))[-1]


async def test_an_emptied_form_takes_the_line_out(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        await there.write("ada", "I like tea")
        await there.until("ada", 2)
        forms = await listed(there)
        answer = await fill(there, "ada", forms[OLD], " \n ")
        again = await fill(there, "ada", forms[OLD], "Likes tea.")
        gone = await form(there, "ada", forms[OLD])
        assert await there.home.block("ada") == ""
    assert answer.startswith("Taken out:\n✗ Likes tea.")
    assert again.startswith(CHANGED)
    assert isinstance(gone, Receipt)
    assert gone.text.startswith(CHANGED)


async def test_a_line_that_was_written_over_meanwhile_is_asked_about_again(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea."), rethink("Hates tea."), "Noted.")
    async with town(tmp_path, model) as there:
        await there.write("ada", "I like tea")
        await there.until("ada", 2)
        forms = await listed(there)
        await there.write("ada", "I hate tea")
        await there.until("ada", 5)
        answer = await fill(there, "ada", forms[OLD], "Likes green tea.")
        assert await there.home.block("ada") == "Hates tea."
    assert answer.startswith(CHANGED)


async def test_only_whom_it_answers_gets_the_form_and_it_wants_a_text(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        await there.write("ada", "We like tea", at=GROUP)
        await there.until(GROUP, 2)
        forms = await listed(there, at=GROUP)
        others = await form(there, "bob", forms[OLD], at=GROUP)
        elsewhere = await form(there, "bob", forms[OLD])
        admins = await form(there, "eve", forms[OLD], at=GROUP, admin=True)
        unfilled = await there.write("ada", pressed=forms[OLD].token, at=GROUP)
        answer = await fill(there, "ada", forms[OLD], "We love tea.", at=GROUP)
    for refused in (others, elsewhere):
        assert isinstance(refused, Receipt)
        assert (refused.outcome, refused.text) == ("refused", NOT_YOURS)
    assert isinstance(admins, Form)
    assert unfilled.outcome == "refused"
    assert "filled in" in unfilled.text
    assert answer == "Now it reads:\n• We love tea."


async def test_a_button_without_a_form_has_none(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        await there.write("ada", "I like tea")
        await there.until("ada", 2)
        refused = [
            await there.adapter.context.forms.form(there.inbound("ada", pressed=token))
            for token in (there.buttons("ada")["Why"], "gone:0")
        ]
        await there.write("ada", "/persona")
        await there.until("ada", 3)
        kinds = {each.label: each.kind for each in there.adapter.sent[-1].buttons}
    assert {type(each) for each in refused} == {Receipt}
    assert kinds["Coach"] == "choice"


async def test_long_lists_have_forms_for_the_first_lines_and_none_for_very_long_ones(
    tmp_path: Path,
) -> None:
    lines = ["x" * (LONGEST + 1), *(f"Line {number} {'y' * 90}" for number in range(30))]
    async with town(tmp_path, ScriptedModel(*noting("\n".join(lines)))) as there:
        await there.write("ada", "A lot")
        await there.until("ada", 2)
        forms = await listed(there)
        shown = await form(there, "ada", next(iter(forms.values())))
    assert len(forms) == MOST_FORMS
    assert all(len(label) <= 80 for label in forms)
    assert next(iter(forms)).startswith("2. Line 0 y")
    assert isinstance(shown, Form)
    assert shown.value == lines[1]
    assert shown.limit == LONGEST


async def test_a_platform_without_forms_has_the_command(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea.", "Has a cat."))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea", "I have a cat")
        answers = []
        for command in (
            "/memory edit 2 Has a dog.",
            "/memory",
            "/memory edit",
            "/memory edit 2",
            "/memory edit cat Has a dog.",
            "/memory edit 2. Has a dog.",
            "/memory edit 2 Has two dogs.",
            "/memory edit 1 Likes tea.",
            "/memory edit 99 Anything",
            "/memory edit 1 " + "x" * 20_000,
        ):
            answers += await told(home, "ada", command)
        assert await home.block("ada") == "Likes tea.\nHas a dog."
    assert [key for key, _ in answers] == [
        "reply.line_not_listed",
        "reply.memory",
        *["reply.edit_how"] * 3,
        "reply.edited",
        "reply.line_changed",
        "reply.edit_same",
        "reply.line_no_such",
        "reply.edit_full",
    ]


async def test_nothing_is_changed_where_nothing_is_kept_or_others_hear(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel(*noting("Likes tea."))) as home, working(home):
        await said(home, "ada", "I like tea", "/memory")
        answers = await told(home, "ada", "/incognito", "/memory edit 1 Likes coffee.")
        assert await home.block("ada") == "Likes tea."
    assert answers[-1][0] == "reply.incognito_not_now"
    (other := tmp_path / "group").mkdir()
    async with town(other, ScriptedModel(), groups="personal") as there:
        await there.write("ada", "/share Likes tea.")
        await there.until("ada", 1)
        assert await listed(there, at=GROUP) == {}
        await there.write("ada", "/memory edit 1 Likes coffee.", at=GROUP)
        shown, answer = await there.until(GROUP, 2)
    assert "1. Likes tea." in shown
    assert answer == LANGUAGES["en"]["reply.private_only"]


async def test_what_is_forgotten_stands_in_no_form_and_behind_no_command(tmp_path: Path) -> None:
    clock = FakeClock()
    secret = "Keeps a zebra in the garden behind the house, and feeds it with apples every morning."
    model = ScriptedModel(calls(insert("Has a pet.")), "Noted.")
    async with town(tmp_path, model, clock=clock) as there:
        await there.write("ada", "I have a pet")
        await there.until("ada", 2)
        forms = await listed(there)
        await fill(there, "ada", forms["1. Has a pet."], secret)
        assert secret[:70] in "".join(await listed(there))
        await told_of(there, "/forget 1")
        assert "Forgotten" in await told_of(there, "/forget yes")
        clock.advance(11 * MINUTE)
        await there.home.parts.store.forgettings.erase_due()
    with closing(sqlite3.connect(tmp_path / "familiar.db")) as connection, connection:
        left = "\n".join(connection.iterdump())
    assert "zebra" not in left
